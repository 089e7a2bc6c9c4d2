// docs/migration-guide.md does what it says: its commands run in their order, and its new ways are those of new-ways.ts, which
// run on what was adopted.
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelId } from '@cc/schema';
import { expect, it } from 'vitest';
import { changes, refusals } from '../../src/adopt/remarks.js';
import { candy } from '../candy.js';
import { makePlace } from '../temporary-library.js';
import * as ways from './new-ways.js';
import { brokenIndex, designed, makeOld, rowsOf } from './old-libraries.js';

const guide = readFileSync(new URL('../../../../docs/migration-guide.md', import.meta.url), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)\`\`\``, 'gm'))].map(([, , text = '']) => text);

it('has the nine steps, and shows every new way word for word', () => {
  expect(guide.match(/^## Step \d/gm)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((step) => `## Step ${step}`));
  const source = readFileSync(new URL('new-ways.ts', import.meta.url), 'utf8');
  const shown = blocks('ts').join('\n');
  for (const part of source.slice(source.indexOf('import ')).split(/\n\n(?=export)/)) {
    if (!part.startsWith('type ')) expect(shown).toContain(part.trim().replace(/\n\ntype Database[^]*$/, ''));
  }
});

it('says of every kind what is changed, and why something is refused', () => {
  for (const reason of Object.values({ ...changes, ...refusals })) expect(guide).toContain(`- ${reason}\n`);
});

it('runs its commands, its new ways on what was adopted, and its rollback plan', async () => {
  const place = makePlace();
  const old = join(place.folder, 'candy_cadence.db');
  const model = {
    id: 'm1',
    name: 'Hex bolt',
    format: 'stl',
    file_path: '/m/bolt.stl',
    file_hash: 'ab',
    file_size: 1,
    tags: '["bolt"]',
    created_at: 1_700_000_000,
  };
  await makeOld(
    old,
    designed,
    [
      ['models', model],
      ['model_metadata', { model_id: 'm1', metadata_key: 'size', metadata_value: 3 }],
    ],
    { after: brokenIndex },
  );
  const before = readFileSync(old);
  await candy(['migrate', 'up'], place);

  const ran: string[] = [];
  for (const line of blocks('sh').join('\n').split('\n')) {
    const [program = '', ...args] = line.trim().split(' ');
    if (program === '') continue;
    ran.push(line.trim());
    if (program === 'cp') copyFileSync(join(place.folder, args[0] ?? ''), join(place.folder, args[1] ?? ''));
    else expect({ line, ...(await candy(args, place)) }).toMatchObject({ line, exitCode: 0 });
    if (line.includes('--yes --backup')) await newWays(place.url);
    if (line.includes('restore'))
      expect(await rowsOf(join(place.folder, '.candy', 'library.db'), 'select * from models')).toEqual([]);
  }
  expect(ran).toHaveLength(8);
  expect(readFileSync(old)).toEqual(before);
});

async function newWays(url: string): Promise<void> {
  const database = await ways.openDatabase(url);
  const [found] = await ways.searchModels(database, 'bolt');
  const id = found?.id as ModelId;
  expect(await ways.getModel(database, id)).toMatchObject({ name: 'Hex bolt' });
  expect(await ways.getMetadata(database, id)).toMatchObject({ size: 3, adopted_id: 'm1' });
  await ways.addMetadata(database, id, { material: 'PLA' });
  await ways.updateBoth(database, id, { rating: 5 }, { material: 'ABS' });
  expect(await ways.readWithRecovery(database, id)).toMatchObject({ rating: 5 });
  expect(await ways.getMetadata(database, id)).toMatchObject({ material: 'ABS' });
  const created = {
    name: 'Nut',
    format: 'stl',
    fileName: 'nut.stl',
    filePath: '/m/nut.stl',
    fileHash: 'cd',
    fileSize: 2,
  } as const;
  expect(await ways.getModel(database, await ways.createModel(database, created))).toMatchObject({ name: 'Nut' });
  const health = await ways.watch(database);
  expect(health.getCurrentHealthStatus().status).toMatch(/^(OK|WARNING|CRITICAL)$/);
  await health.stopMonitoring();
  expect(await ways.timings(database, id)).toEqual({ readsMs: expect.any(Number), searchesMs: expect.any(Number) });
  await database.cache.close();
  await database.transactions.close();
}
