// How much the disk tier takes, and which entries it gives up for others.
import { existsSync, statSync } from 'node:fs';
import { seededRandom } from '@cc/testkit/random';
import { expect, it } from 'vitest';
import { countKept, entryOf, fill, newPath, openTested, textIn, turn } from './disk.js';

const sets = Number(process.env['CC_SETS'] ?? 6_000);

it('file and log stay within a tenth of the limit under mixed sets', async () => {
  const path = await newPath();
  const maxBytes = 2 ** 22;
  const { tier, told } = await openTested(path, { maxBytes });
  const random = seededRandom(12);
  let most = 0;
  for (let i = 0; i < sets; i += 1) {
    const bytes = random.weighed([
      [90, random.below(2_000)],
      [9, random.below(20_000)],
      [1, random.below(130_000)],
    ]);
    const key = String(random.below(3_000));
    tier.set('space', key, { ...entryOf(''), data: Buffer.alloc(bytes, i), tags: [`tag${i % 10}`] });
    if (random.chance(0.3)) tier.get('space', String(random.below(3_000)));
    if (random.chance(0.05)) tier.delete('space', String(random.below(3_000)));
    if (random.once(1_000)) tier.clear();
    if (i % 64 !== 0) continue;
    const log = existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0;
    most = Math.max(most, statSync(path).size + log);
    await turn();
  }
  expect(told).toEqual([]);
  expect(most).toBeGreaterThan(maxBytes / 2);
  expect(most).toBeLessThan(maxBytes * 1.1);
  tier.flush();
  expect(tier.bytes).toBe(statSync(path).size + statSync(`${path}-wal`).size);
});

it('what is read stays when what nobody reads has to go', async () => {
  const { tier } = await openTested(await newPath(), { maxBytes: 2 ** 20 });
  for (let i = 0; i < 20; i += 1) tier.set('read', String(i), entryOf(`read ${i}`));
  for (let i = 0; i < 5_000; i += 1) {
    tier.set('unread', String(i), entryOf('x'.repeat(1_000)));
    if (i % 100 === 0) for (let key = 0; key < 20; key += 1) tier.get('read', String(key));
  }
  const kept = Array.from({ length: 20 }, (_, i) => textIn(tier, 'read', String(i)));
  expect(kept).toEqual(Array.from({ length: 20 }, (_, i) => `read ${i}`));
  expect(tier.get('unread', '0')).toBeUndefined();
  expect(textIn(tier, 'unread', '4999')).toBeDefined();
});

it('what was dropped is not written once more because it was read', async () => {
  const { tier } = await openTested(await newPath(), { maxBytes: 2 ** 20 });
  tier.set('gone', '1', entryOf('a'));
  tier.set('tagged', '1', entryOf('b', ['red']));
  tier.flush();
  tier.get('gone', '1');
  tier.get('tagged', '1');
  tier.clear('gone');
  tier.deleteTag('red');
  for (let i = 0; i < 3_000; i += 1) tier.set('space', String(i), entryOf('x'.repeat(1_000)));
  expect([tier.get('gone', '1'), tier.get('tagged', '1')]).toEqual([undefined, undefined]);
});

it('more tags than it knows by name are dropped all the same', async () => {
  const path = await newPath();
  const { tier } = await openTested(path);
  tier.set('space', 'key', entryOf('value', ['tag 10500']));
  tier.flush();
  for (let i = 0; i <= 10_500; i += 1) tier.deleteTag(`tag ${i}`);
  expect(tier.get('space', 'key')).toBeUndefined();
  tier.set('space', 'key', entryOf('again', ['tag 10500']));
  tier.close();
  const next = await openTested(path);
  expect(textIn(next.tier, 'space', 'key')).toBe('again');
});

it('counts nothing of what went with them', async () => {
  const { tier } = await openTested(await newPath());
  fill(tier, 100);
  tier.flush();
  expect(tier.entries).toBe(100);
  for (let i = 0; i <= 10_000; i += 1) tier.deleteTag(`other ${i}`);
  expect(countKept(tier, 100)).toBe(0);
  expect(tier.entries).toBe(0);
});

it('however much is dropped in one turn, what is dropped is written', async () => {
  const path = await newPath();
  const { tier, told } = await openTested(path);
  for (const space of ['kept', 'gone']) tier.set(space, 'key', entryOf(space, [`${space} tag`]));
  tier.flush();
  for (let i = 0; i < 200_000; i += 1) tier.deleteTag(i % 2 === 0 ? 'gone tag' : `other ${i % 1_000}`);
  tier.close();
  expect(told).toEqual([]);
  const next = await openTested(path);
  expect([textIn(next.tier, 'kept', 'key'), textIn(next.tier, 'gone', 'key')]).toEqual(['kept', undefined]);
});

it('refuses a limit that no file fits into', async () => {
  await expect(openTested(await newPath(), { maxBytes: 1_000 })).rejects.toThrow('maxBytes');
});
