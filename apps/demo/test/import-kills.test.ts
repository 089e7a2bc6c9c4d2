// Kills `candy import` at random moments, over files that were moved, added and removed. What it told must be in the library; the
// rest is whole or absent; and the next import comes to what a plain record of the folder says, with every id and tag. In its
// short form; `npm run torture` sets CC_IMPORT_KILLS, CC_SEED and CC_FROM.
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Random } from '@cc/testkit/random';
import { runRounds } from '@cc/testkit/rounds';
import { openTransactionManager } from '@cc/tx';
import { expect, test } from 'vitest';
import { importFolders } from '../src/importing/import-folders.js';
import type { FileReport } from '../src/importing/import-report.js';
import { type Library, openLibrary } from '../src/library.js';
import { start } from './candy.js';
import { binaryCube } from './cube.js';
import { importing, modelsOf } from './importing.js';
import { problemsOf } from './temporary-library.js';

const kills = Number(process.env['CC_IMPORT_KILLS'] ?? 5);
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);
const from = Number(process.env['CC_FROM'] ?? 0);
const { reader } = importing();

interface Ground {
  readonly folder: string;
  readonly models: string;
  readonly url: string;
  /** What lies in the folder: hash by path. */
  readonly files: Map<string, string>;
  /** Which model has which content, and was tagged with it. */
  readonly ids: Map<string, string>;
  made: number;
}

interface Row {
  readonly id: string;
  readonly path: string;
  readonly hash: string;
  readonly status: string;
}

test(`a killed import keeps what it told, and the next one does the rest, seed ${seed}`, {
  timeout: 3_600_000,
}, async () => {
  let [killed, told] = [0, 0];
  await runRounds<Ground>({
    seed,
    from,
    option: 'import-from',
    roundsPerGround: 25,
    goesOn: () => killed < kills,
    open: async (folder) => {
      const models = join(folder, 'models');
      const url = pathToFileURL(join(folder, '.candy', 'library.db')).href;
      const ground: Ground = { folder, models, url, files: new Map(), ids: new Map(), made: 0 };
      for (let each = 0; each < 60; each += 1) write(ground, `start/part ${each}.stl`);
      await finish(ground);
      return ground;
    },
    run: async (ground, random) => {
      change(ground, random);
      told += await importAndKill(ground, random);
      killed += 1;
      await finish(ground);
    },
  });
  process.stderr.write(`${JSON.stringify({ kills: killed, told })}\n`);
});

function write(ground: Ground, name: string): void {
  const content = Uint8Array.from(binaryCube());
  content.set(Buffer.from(`cube ${ground.made}`.padEnd(40)), 0);
  ground.made += 1;
  const path = join(ground.models, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  ground.files.set(path, createHash('sha256').update(content).digest('hex'));
}

/** Moves a third of the files, in chains and to new folders, removes some, adds others. */
function change(ground: Ground, random: Random): void {
  const folder = `round ${ground.made}`;
  for (const [path, hash] of [...ground.files]) {
    if (random.chance(0.05)) {
      rmSync(path);
      ground.files.delete(path);
    } else if (random.chance(0.35)) {
      const to = join(
        ground.models,
        folder,
        `${random.pick(['moved', 'put'])} ${ground.files.size} ${hash.slice(0, 8)}.stl`,
      );
      mkdirSync(dirname(to), { recursive: true });
      renameSync(path, to);
      ground.files.delete(path);
      ground.files.set(to, hash);
    }
  }
  for (let each = random.whole(10, 60); each > 0; each -= 1) write(ground, `${folder}/new ${each}.stl`);
}

/** Returns how many files it told of before it was killed. */
async function importAndKill(ground: Ground, random: Random): Promise<number> {
  const { child, ended } = start(['import', '--watch', '--jsonl', ground.models], { folder: ground.folder });
  // Anywhere in its life, or soon after it has told of something.
  const begun = random.chance(0.6) ? new Promise((resolve) => child.stdout?.once('data', resolve)) : null;
  await begun;
  await new Promise((resolve) => setTimeout(resolve, random.below(begun === null ? 3_000 : 150)));
  child.kill('SIGKILL');
  const { stdout } = await ended;
  // The last line may be cut.
  const reports = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as FileReport);
  const rows = await rowsOf(ground);
  expect(new Set(rows.map(({ path }) => path)).size).toBe(rows.length);
  expect(rows.filter(({ path }) => !path.startsWith(ground.models))).toEqual([]);
  for (const [hash, id] of ground.ids)
    expect(rows.filter((row) => row.id === id).map((row) => row.hash)).toEqual([hash]);
  for (const { outcome, path } of reports) {
    const row = rows.find((each) => each.path === path);
    if (outcome === 'missing') expect(row?.status).toBe('missing');
    else
      expect({ outcome, hash: row?.hash, status: row?.status }).toEqual({
        outcome,
        hash: ground.files.get(path),
        status: 'active',
      });
    if (outcome === 'moved') expect(row?.id).toBe(ground.ids.get(ground.files.get(path) ?? ''));
  }
  return reports.length;
}

/** Imports to the end, looks at everything, and tags what is new. */
async function finish(ground: Ground): Promise<void> {
  await using library: Library = await openLibrary(ground.url);
  await importFolders(library, [ground.models], { geometry: reader(), signal: new AbortController().signal });
  const models = await modelsOf(library);
  const { tags } = library.repositories;
  const there = models.filter(({ status }) => status === 'active');
  expect(new Map(there.map(({ filePath, fileHash }) => [filePath, String(fileHash)]))).toEqual(ground.files);
  await library.transactions.transaction(async () => {
    for (const { id, fileHash } of models) {
      const known = ground.ids.get(fileHash);
      if (known === undefined) {
        ground.ids.set(fileHash, id);
        await tags.tag(id, fileHash.slice(0, 12));
      } else expect({ fileHash, id: String(id) }).toEqual({ fileHash, id: known });
    }
  });
  for (const { id, fileHash } of models) expect(await tags.getTags(id)).toEqual([fileHash.slice(0, 12)]);
  expect(models.length).toBe(ground.ids.size);
  expect(await problemsOf(library)).toEqual([]);
}

/** By a reader of its own, which knows nothing of models. */
async function rowsOf({ url }: Ground): Promise<readonly Row[]> {
  await using transactions = await openTransactionManager({ url });
  const { rows } = await transactions.db.$client.execute('SELECT id, file_path, file_hash, status FROM models');
  return rows.map((row) => ({
    id: String(row['id']),
    path: String(row['file_path']),
    hash: String(row['file_hash']),
    status: String(row['status']),
  }));
}
