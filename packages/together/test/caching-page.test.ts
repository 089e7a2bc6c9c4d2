// The tier that docs/caching.md shows keeps what tiers promise, and serves a cache.
import { readFile } from 'node:fs/promises';
import { openCacheManager } from '@cc/cache';
import { cacheTierCases } from '@cc/cache/testing';
import { expect, test } from 'vitest';
import { mapTier } from './readme/map-tier.js';

test('the page shows the tier as it runs', async () => {
  const page = await readFile(new URL('../../../docs/caching.md', import.meta.url), 'utf8');
  const shown = await readFile(new URL('readme/map-tier.ts', import.meta.url), 'utf8');
  expect(page).toContain(`\`\`\`ts\n${shown}\`\`\``);
});

test.each(cacheTierCases.map(({ title, run }) => [title, run] as const))('it keeps: %s', (_, run) =>
  run(() => mapTier(1)),
);

test('a cache finds in it what its memory had to let go of', async () => {
  await using cache = await openCacheManager({ tiers: [mapTier(1)] });
  const region = cache.region<{ n: number }>('a');
  await region.getOrLoad('k', async () => ({ n: 1 }));
  cache.shrink();
  expect(await region.fetch('k', async () => ({ n: 2 }))).toEqual({ value: { n: 1 }, from: 'tier' });
});
