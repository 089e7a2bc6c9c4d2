// What CacheTier promises, case by case: entries come back as they were or not at all, and calls count in the order in which they
// were made. The case of random calls knows a tier's freedom to forget, and nothing else that would be one.
import assert from 'node:assert/strict';
import type { CacheTier, TierEntry } from '../contract/tier.js';
import { randomCalls } from './random-calls.js';
import { type CacheTierCase, dropTag, entryOf, textIn, tierCase } from './tier-case.js';

/** Texts that are easily taken for one another, or cut. */
const texts = [
  '',
  'a',
  'A',
  'ä',
  'a\u0308',
  'a\0',
  'a\0b',
  '\0',
  '\ud800',
  '\udfff',
  '\ufffd',
  '%',
  "'",
  '__proto__',
  '0',
  '=',
  'x'.repeat(5_000),
];

/** The cases; run each with what opens an empty tier. */
export const cacheTierCases: readonly CacheTierCase[] = [
  tierCase('an entry comes back as it was, also after flush', async (tier) => {
    const kept: TierEntry = {
      data: Uint8Array.from({ length: 256 }, (_, i) => i),
      loadedAt: 1.5,
      expiresAt: 2_000.25,
      tags: ['t', ''],
    };
    await tier.set('space', 'key', kept);
    await isKept(tier, kept);
    await tier.flush?.();
    await isKept(tier, kept);
  }),
  tierCase('an entry that never expires, and one of no bytes, come back', async (tier) => {
    await tier.set('space', 'key', entryOf('', { expiresAt: Number.POSITIVE_INFINITY, loadedAt: 0 }));
    await tier.flush?.();
    const entry = await tier.get('space', 'key');
    assert.equal(entry?.expiresAt, Number.POSITIVE_INFINITY);
    assert.equal(entry?.loadedAt, 0);
    assert.equal(entry?.data.byteLength, 0);
  }),
  tierCase('what was never kept is not there', async (tier) => {
    assert.equal(await tier.get('space', 'key'), undefined);
    await tier.delete('space', 'key');
    await tier.clear('space');
    assert.equal(await tier.get('space', 'key'), undefined);
  }),
  tierCase('no two namespaces and no two keys are the same', async (tier) => {
    const places = texts.flatMap((namespace) => texts.map((key) => [namespace, key] as const));
    for (const [i, [namespace, key]] of places.entries()) await tier.set(namespace, key, entryOf(String(i)));
    await tier.flush?.();
    let found = 0;
    for (const [i, [namespace, key]] of places.entries()) {
      const text = await textIn(tier, namespace, key);
      if (text === undefined) continue;
      assert.equal(text, String(i));
      found += 1;
    }
    assert.ok(found > places.length / 2, `only ${found} of ${places.length} small entries were kept`);
    await tier.delete('a', 'a\0');
    assert.equal(await tier.get('a', 'a\0'), undefined);
    await tier.clear('\ud800');
    for (const key of texts) assert.equal(await tier.get('\ud800', key), undefined);
  }),
  tierCase('a later set replaces an earlier one, at once and after flush', async (tier) => {
    await tier.set('space', 'key', entryOf('1', { tags: ['old'] }));
    await tier.flush?.();
    await tier.set('space', 'key', entryOf('2', { tags: ['new'] }));
    assert.equal(await textIn(tier, 'space', 'key'), '2');
    await tier.flush?.();
    assert.equal(await textIn(tier, 'space', 'key'), '2');
  }),
  ...(['before', 'after'] as const).flatMap((moment) => [
    tierCase(`what delete drops is gone, ${moment} flush`, async (tier) => {
      await fill(tier, moment);
      await gone(
        tier,
        tier.delete('a', '1'),
        [['a', '1']],
        [
          ['a', '2'],
          ['b', '1'],
        ],
      );
    }),
    tierCase(`what clear drops is gone, one namespace ${moment} flush`, async (tier) => {
      await fill(tier, moment);
      await gone(
        tier,
        tier.clear('a'),
        [
          ['a', '1'],
          ['a', '2'],
        ],
        [['b', '1']],
      );
    }),
    tierCase(`what clear drops is gone, everything ${moment} flush`, async (tier) => {
      await fill(tier, moment);
      await gone(
        tier,
        tier.clear(),
        [
          ['a', '1'],
          ['a', '2'],
          ['b', '1'],
        ],
        [],
      );
    }),
    tierCase(`what a tag drops is gone in all namespaces, ${moment} flush`, async (tier) => {
      await fill(tier, moment);
      await gone(
        tier,
        dropTag(tier, 'first'),
        [
          ['a', '1'],
          ['b', '1'],
        ],
        tier.deleteTag ? [['a', '2']] : [],
      );
    }),
    tierCase(`what clearExcept drops is gone, ${moment} flush`, async (tier) => {
      await fill(tier, moment);
      const dropping = tier.clearExcept ? tier.clearExcept(['b', 'unknown']) : tier.clear();
      await gone(
        tier,
        dropping,
        [
          ['a', '1'],
          ['a', '2'],
        ],
        tier.clearExcept ? [['b', '1']] : [],
      );
    }),
  ]),
  tierCase('an entry that was replaced does not come back with what dropped the later one', async (tier) => {
    await tier.set('space', 'key', entryOf('1'));
    await tier.flush?.();
    await tier.set('space', 'key', entryOf('2', { tags: ['second'] }));
    await dropTag(tier, 'second');
    assert.equal(await tier.get('space', 'key'), undefined);
    await tier.flush?.();
    assert.equal(await tier.get('space', 'key'), undefined);
  }),
  tierCase('an entry without the tag by now is not dropped by it, one with it is', async (tier) => {
    await tier.set('space', 'key', entryOf('1', { tags: ['\ud800'] }));
    await tier.flush?.();
    await dropTag(tier, '\ud801');
    if (tier.deleteTag) assert.equal(await textIn(tier, 'space', 'key'), '1');
    await dropTag(tier, '\ud800');
    assert.equal(await tier.get('space', 'key'), undefined);
  }),
  tierCase('calls count from when they are made, not from when they are done', async (tier) => {
    // Nothing is awaited between the calls.
    const calls = [
      tier.set('space', 'key', entryOf('1', { tags: ['tag'] })),
      tier.delete('space', 'key'),
      tier.get('space', 'key'),
      tier.set('space', 'key', entryOf('2', { tags: ['tag'] })),
      tier.get('space', 'key'),
      dropTag(tier, 'tag'),
      tier.get('space', 'key'),
      tier.set('space', 'key', entryOf('3')),
      tier.clear('space'),
      tier.set('space', 'key', entryOf('4')),
      tier.clear(),
      tier.get('space', 'key'),
    ];
    const answers = await Promise.all(calls.map(async (answer) => answer));
    const seen = [2, 4, 6, 11].map((i) => answers[i]);
    assert.equal(seen[0], undefined);
    if (seen[1] !== undefined) assert.equal(Buffer.from(seen[1].data).toString(), '2');
    assert.equal(seen[2], undefined);
    assert.equal(seen[3], undefined);
    assert.equal(await tier.get('space', 'key'), undefined);
  }),
  tierCase('an entry that does not fit is refused, and takes the one before with it', async (tier) => {
    await tier.set('space', 'key', entryOf('small'));
    const huge = { ...entryOf(''), data: new Uint8Array(16 * 1024 * 1024).fill(1) };
    await tier.set('space', 'key', huge);
    const entry = await tier.get('space', 'key');
    if (entry !== undefined) assert.equal(entry.data.byteLength, huge.data.byteLength);
  }),
  tierCase('it knows what it takes', async (tier) => {
    await tier.set('space', 'key', entryOf('x'.repeat(1_000)));
    await tier.flush?.();
    assert.ok(Number.isFinite(tier.bytes) && tier.bytes >= 0, 'bytes is no number of bytes');
    assert.ok(Number.isInteger(tier.entries) && tier.entries >= 0, 'entries is no number of entries');
    assert.equal(typeof tier.name, 'string');
  }),
  ...[1, 2, 3, 4, 5].map((seed) =>
    tierCase(`random calls find what was last kept or nothing, seed ${seed}`, (tier) => randomCalls(tier, seed)),
  ),
  tierCase('a second close does nothing', async (tier) => {
    await tier.set('space', 'key', entryOf('1'));
    await tier.close();
    await tier.close();
  }),
];

async function isKept(tier: CacheTier, kept: TierEntry): Promise<void> {
  const entry = await tier.get('space', 'key');
  assert.ok(entry, 'an entry that has room was not kept');
  assert.deepEqual([...entry.data], [...kept.data]);
  const { loadedAt, expiresAt, tags } = entry;
  assert.deepEqual(
    { loadedAt, expiresAt, tags: [...tags] },
    { loadedAt: kept.loadedAt, expiresAt: kept.expiresAt, tags: [...kept.tags] },
  );
}

async function fill(tier: CacheTier, moment: 'before' | 'after'): Promise<void> {
  await tier.set('a', '1', entryOf('a1', { tags: ['first', 'any'] }));
  await tier.set('a', '2', entryOf('a2', { tags: ['any'] }));
  await tier.set('b', '1', entryOf('b1', { tags: ['first'] }));
  if (moment === 'after') await tier.flush?.();
}

type Places = readonly (readonly [namespace: string, key: string])[];

/** `dropping` has been called. What it drops is gone for a `get` of now, and stays so; the rest is there. */
async function gone(tier: CacheTier, dropping: void | Promise<void>, dropped: Places, left: Places): Promise<void> {
  const asked = dropped.map(([namespace, key]) => tier.get(namespace, key));
  await dropping;
  for (const answer of asked) assert.equal(await answer, undefined);
  await tier.flush?.();
  for (const [namespace, key] of dropped) assert.equal(await tier.get(namespace, key), undefined);
  for (const [namespace, key] of left) assert.equal(await textIn(tier, namespace, key), `${namespace}${key}`);
}
