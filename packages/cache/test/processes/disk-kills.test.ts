// Processes that keep entries on disk are killed at any moment: what the next one finds is true of the database as it is.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { startChild } from '@cc/testkit/child';
import { seededRandom } from '@cc/testkit/random';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { expect, it, vi } from 'vitest';
import { openDiskTier } from '../../src/tiers/disk-tier.js';

const kills = Number(process.env['CC_KILLS'] ?? 20);
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);
const keys = 40;

// More of them than a test run has take longer than one of its tests may.
vi.setConfig({ testTimeout: Math.max(600_000, kills * 30_000) });

it(`${kills} kills bring nothing back that was changed or dropped, seed ${seed}`, async () => {
  const random = seededRandom(seed);
  const folder = join(await temporaryFolder(), 'ground');
  mkdirSync(folder);
  writeFileSync(join(folder, 'database'), '0');
  for (let kill = 0; kill < kills; kill += 1) {
    const child = startChild(new URL('./disk-writer.mjs', import.meta.url), [folder, String(kill + 1)]);
    const enough = random.below(200);
    await child.until(({ length }) => length > enough);
    // Wherever it is, mostly in something that proves nothing; some are let come to rest, and leave what is good.
    const rests = kill % 4 === 3;
    if (rests) {
      child.send('rest');
      await child.until((lines) => lines.at(-1) === 'resting');
    } else {
      await after(random.below(20));
    }
    await child.kill();
    const dropped = Number(child.lines.findLast((line) => line !== 'resting'));
    const version = Number(readFileSync(join(folder, 'database'), 'utf8'));
    const told: string[] = [];
    const tier = await openDiskTier({
      path: join(folder, 'cache'),
      maxBytes: 2 ** 20,
      proof: () => `V${version}`,
      onEvent: (reason) => told.push(reason),
    });
    let found = 0;
    for (let key = 0; key < keys; key += 1) {
      const entry = tier.get('space', String(key));
      if (!entry) continue;
      found += 1;
      expect(Number(Buffer.from(entry.data).toString().split(' ')[0])).toBe(lastChange(version, key));
    }
    const count = tier.get('own', 'count');
    if (count) expect(Number(Buffer.from(count.data).toString())).toBeGreaterThan(dropped);
    expect(told.join()).not.toMatch(/damaged|cannot/);
    tier.close();
    if (rests) expect({ kill, found }).not.toEqual({ kill, found: 0 });
  }
});

/** The same as the program knows, told anew. */
function lastChange(version: number, key: number): number {
  const changes = Array.from({ length: version }, (_, i) => i + 1).filter((change) => (change * 7) % keys === key);
  return Math.max(0, ...changes);
}
