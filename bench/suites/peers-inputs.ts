// The same library on three schemas: ours, the plain one of the peers, and the original design's; and inputs that fit all.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { openCatalogue } from '../catalogue/catalogue.js';
import type { CatalogueModel } from '../catalogue/row.js';
import { encoded, isOnOurSchema, plainModel } from '../contenders/measured-peer.js';
import type { Json } from '../harness/json.js';
import type { Prepared, PrepareOptions } from '../harness/suite.js';
import { plainSchema, schemaBefore } from '../peers/plain-schema.js';
import { insertModels } from '../peers/plain-statements.js';
import { type LibraryInputs, prepareLibrary } from './first-inputs.js';
import { peerNames } from './peer-names.js';
import { installPeers } from './peers-install.js';
import { installedSizes } from './peers-packages.js';

/** Prepares the libraries. @throws Error when the peers cannot be installed, or a library differs from the catalogue */
export async function preparePeers(options: PrepareOptions): Promise<Prepared> {
  const repository = fileURLToPath(new URL('../../', import.meta.url));
  const peers = fileURLToPath(new URL('../peers/', import.meta.url));
  await installPeers(peers);
  const prepared = await prepareLibrary({ ...options, repository });
  const { models } = await openCatalogue(options.cataloguePath, repository);
  const plain = join(options.workDirectory, 'plain.db');
  const before = join(options.workDirectory, 'before.db');
  fill(plain, ['PRAGMA journal_mode = WAL', 'PRAGMA synchronous = NORMAL', ...plainSchema], models);
  fill(before, schemaBefore, models);
  // Written by prepareLibrary.
  const library = prepared.inputs['library'] as unknown as LibraryInputs;
  const hot = models.filter(({ model }) => model.triangles != null).slice(0, 10);
  const inputs = {
    ...library,
    searches: searchesThatAgree(plain, prepared.databasePath, library.searches),
    hot: {
      ids: hot.map(({ model }) => model.id),
      triangles: hot.reduce((sum, { model }) => sum + (model.triangles ?? 0), 0),
    },
    share: options.isQuick ? 0.02 : 1,
    formats: [...new Set(models.map(({ model }) => model.format))],
    installed: installedSizes(fileURLToPath(new URL('../', import.meta.url)), peers),
  } as unknown as Json;
  const ofSchema = (name: string): string => (name === 'before' ? before : plain);
  const others = peerNames.filter((name) => !isOnOurSchema(name));
  return {
    databasePath: prepared.databasePath,
    databasePaths: Object.fromEntries(others.map((name) => [name, ofSchema(name)])),
    inputs: Object.fromEntries(options.phases.map((phase) => [phase, inputs])),
    facts: prepared.facts,
  };
}

function fill(path: string, statements: readonly string[], models: readonly CatalogueModel[]): void {
  const database = new Database(path);
  try {
    for (const statement of statements) database.exec(statement);
    const insertModel = database.prepare(insertModels(1));
    const insertValue = database.prepare('INSERT INTO metadata (model_id, key, value) VALUES (?, ?, ?)');
    const insertTag = database.prepare('INSERT OR IGNORE INTO tags (name) VALUES (?)');
    const insertModelTag = database.prepare(
      'INSERT OR IGNORE INTO model_tags (model_id, tag_id) SELECT ?, id FROM tags WHERE name = ?',
    );
    database.exec('BEGIN');
    for (const item of models) {
      insertModel.run(Object.values(plainModel({ model: item.model })));
      for (const [key, value] of Object.entries(encoded(item.metadata))) insertValue.run([item.model.id, key, value]);
      for (const name of item.tags) {
        insertTag.run([name]);
        insertModelTag.run([item.model.id, name]);
      }
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

/** Ours finds words of tags and file names too; here the searches that find the same by the plain index. */
function searchesThatAgree(plainPath: string, oursPath: string, searches: LibraryInputs['searches']) {
  const [plain, ours] = [new Database(plainPath), new Database(oursPath)];
  try {
    const byPlain = plain.prepare(`SELECT models.id FROM models_fts JOIN models ON models.rowid = models_fts.rowid
      WHERE models_fts MATCH ? AND models.format = ? ORDER BY models.id`);
    const byOurs = ours.prepare(`SELECT models.id FROM models_fts JOIN models ON models.seq = models_fts.rowid
      WHERE models_fts MATCH ? AND models.format = ? ORDER BY models.id`);
    const agreeing = searches.filter(({ words, format }) => {
      const match = `${words.map((word) => `"${word}"`).join(' AND ')} *`;
      const [a, b] = [byPlain.all([match, format]), byOurs.all([match, format])].map((rows) =>
        JSON.stringify((rows as { id: string }[]).map(({ id }) => id)),
      );
      return a === b;
    });
    if (agreeing.length < 10) throw new Error(`only ${agreeing.length} searches find the same on both schemas`);
    return agreeing;
  } finally {
    plain.close();
    ours.close();
  }
}
