// The comparison behind candy copy finds every kind of difference, the smallest too.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { expect, it, onTestFinished } from 'vitest';
import { compareLibraries } from '../../src/copy/compare.js';
import { copyLibrary } from '../../src/copy/copy-library.js';
import { openLibrary } from '../../src/library.js';
import { makePlace, open } from '../temporary-library.js';

const differences: readonly (readonly [table: string, sql: string])[] = [
  ['models', `update models set description = '' where seq = 2`],
  ['models', `update models set volume = 9e999 where seq = 3`],
  ['models', `update models set updated_at = updated_at + 1 where seq = 3`],
  ['model_metadata', `update model_metadata set value_type = 'json' where model_seq = 1 and metadata_key = 'text'`],
  ['model_metadata', `delete from model_metadata where model_seq = 3 and metadata_key = 'text'`],
  ['model_tags', `insert into model_tags (tag_id, model_seq) select id, 1 from tags where name = 'of 2'`],
  ['tags', `update tags set name = 'OF 2' where name = 'of 2'`],
  [
    'saved_searches',
    `insert into saved_searches (id, name, query, filters, created_at) values ('i', 'n', 'q', '{}', 0)`,
  ],
];

it('finds each difference in its table, and none between equal libraries', async () => {
  const source = await open(makePlace());
  await source.repositories.models.createMany(
    [1, 2, 3].map((i) => ({
      model: {
        name: `Model ${i}`,
        format: 'stl' as const,
        fileName: 'a.stl',
        filePath: `/m/${i}.stl`,
        fileHash: `h${i}`,
        fileSize: 1,
        volume: 0,
      },
      metadata: { text: 'x' },
      tags: [`of ${i}`],
    })),
  );
  const url = pathToFileURL(join(makePlace().folder, 'copy.db')).href;
  const target = await openLibrary(url);
  onTestFinished(() => target[Symbol.asyncDispose]());
  const report = await copyLibrary(source, target);
  expect(report.tables.every(({ difference }) => difference === null)).toBe(true);

  const client = createClient({ url });
  onTestFinished(() => client.close());
  for (const [table, sql] of differences) {
    const transaction = await client.transaction('write');
    await transaction.execute(sql);
    await transaction.commit();
    const found = (await compareLibraries(source, target)).filter(({ difference }) => difference !== null);
    expect({ sql, tables: found.map((each) => each.table) }).toEqual({ sql, tables: [table] });
    // Back to equal, for the next one.
    await client.executeMultiple(`pragma recursive_triggers = 1; pragma foreign_keys = 1;
      delete from saved_searches; delete from models; delete from tags;`);
    await copyLibrary(source, target);
  }
});
