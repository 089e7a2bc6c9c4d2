import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { isOnOurSchema } from '../contenders/measured-peer.js';
import { installedSize } from '../harness/installed-size.js';
import { openBefore } from '../peers/before.js';
import { openByHand } from '../peers/by-hand.js';
import type { Peer, PlainItem } from '../peers/contract.js';
import { plainSchema, schemaBefore } from '../peers/plain-schema.js';
import { mayLose, peerNames, peersOnLibsql, peersOnOthers } from '../suites/peer-names.js';

const bench = fileURLToPath(new URL('../', import.meta.url));
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-peers-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

// The peers themselves are installed with the suite only; the two that need nothing else are held to the contract here, and
// the suite compares what the others return and leave on disk with them.
it.each([
  ['by hand', plainSchema, (path: string) => openByHand(() => new Database(path))],
  ['as before', schemaBefore, openBefore],
] as const)('does what the contract of a peer says, %s', async (_, schema, open) => {
  const path = join(folder, 'plain.db');
  const database = new Database(path);
  for (const statement of schema) database.exec(statement);
  const peer = open(path);
  onTestFinished(async () => {
    await peer.close();
    database.close();
  });

  expect(await peer.create(item(0).model)).toBe('created');
  expect(await peer.create({ ...item(1).model, fileHash: item(0).model.fileHash })).toBe('duplicate');
  await peer.createMany(Array.from({ length: 40 }, (_each, i) => item(i + 1)));
  await expect(async () =>
    peer.createMany([{ ...item(50), model: { ...item(50).model, fileHash: 'hash 7' } }]),
  ).rejects.toThrow('the same file content');
  expect(database.prepare('SELECT count(*) AS models FROM models').get()).toMatchObject({ models: 41 });

  expect(await peer.read('model-03')).toMatchObject(item(3).model);
  expect(await peer.read('model-99')).toBeNull();
  await peer.setMetadata('model-03', { a: '1', b: '2', c: '3', d: '4', e: '5' });
  expect(await peer.readMetadata('model-03')).toEqual({ a: '1', b: '2', c: '3', d: '4', e: '5' });
  expect(await peer.count('stl')).toBe(20);
  expect((await peer.search('"bolt" AND "num" *', 'stl')).length).toBe(20);
  expect((await peer.search('"bolt" AND "number" *', 'obj')).every(({ format }) => format === 'obj')).toBe(true);
  await expectPages(peer);

  await peer.increment('model-01', 'model-02');
  expect(database.prepare('SELECT vertices FROM models WHERE id = ?').get(['model-02'])).toMatchObject({ vertices: 9 });
  expect(await peer.readTriangles('model-01')).toBe(6);
  await peer.holdWrite('model-01', -1, async () => {
    expect(await peer.readTriangles('model-01')).toBe(6);
  });
  expect(await peer.readTriangles('model-01')).toBe(6);
});

async function expectPages(peer: Peer): Promise<void> {
  const first = await peer.page(null);
  const last = first.at(-1)?.model;
  const second = await peer.page(last ? { createdAt: last.createdAt, id: last.id } : null);
  expect(first.map(({ model }) => model.id)).toEqual(Array.from({ length: 20 }, (_, i) => item(40 - i).model.id));
  expect(second.map(({ model }) => model.id)).toEqual(Array.from({ length: 20 }, (_, i) => item(20 - i).model.id));
  expect(first[0]).toMatchObject({ metadata: item(40).metadata, tags: [] });
}

function item(i: number): PlainItem {
  const id = `model-${String(i).padStart(2, '0')}`;
  return {
    model: {
      id,
      name: `Hex bolt number ${i}`,
      description: null,
      format: i % 2 === 1 ? 'stl' : 'obj',
      filePath: `/models/${id}`,
      fileHash: `hash ${i}`,
      fileSize: 100 + i,
      author: 'Ann',
      triangles: 5,
      vertices: 8,
      createdAt: 1_600_000_000_000 + i,
      updatedAt: 1_600_000_000_000,
    },
    metadata: { a: '"x"', b: '1', c: 'null', d: 'true', e: '[1]' },
  };
}

it('gives the peers the versions that this workspace has of what both use', async () => {
  const manifest = await readFile(join(bench, 'peers', 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { readonly dependencies: Readonly<Record<string, string>> };
  const catalog = await readFile(join(bench, '..', 'pnpm-workspace.yaml'), 'utf8');
  for (const name of ['libsql', '@libsql/client', 'drizzle-orm'])
    expect(catalog).toContain(`${name.startsWith('@') ? `'${name}'` : name}: ${dependencies[name]}\n`);
});

it('knows of every contender where it stands', () => {
  const others = peerNames.filter((name) => !isOnOurSchema(name) && !name.includes('by hand'));
  expect(new Set([...peersOnLibsql, ...peersOnOthers, 'before'])).toEqual(new Set(others));
  expect(new Set(mayLose)).toEqual(new Set(others));
});

it('counts each package once that others need, and of a package of this workspace what is published', () => {
  const alone = installedSize(bench, ['libsql']);
  const twice = installedSize(bench, ['libsql', '@libsql/client']);
  expect(alone.packages).toBeGreaterThan(1);
  expect(twice.bytes).toBeGreaterThan(alone.bytes);
  expect(installedSize(bench, ['libsql', 'libsql'])).toEqual(alone);
  expect(() => installedSize(bench, ['no-such-package'])).toThrow('no-such-package is not installed');
});
