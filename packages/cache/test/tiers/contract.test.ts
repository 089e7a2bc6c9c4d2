// The published cases, held against the disk tier, a map that answers late, and tiers that break one promise each.
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { describe, expect, it } from 'vitest';
import type { CacheTier, TierEntry } from '../../src/index.js';
import { cacheTierCases } from '../../src/testing.js';
import { openDiskTier } from '../../src/tiers/disk-tier.js';

/** A map behind a line in which calls wait for one another. */
class LateMap implements CacheTier {
  readonly name = 'late';
  readonly #kept = new Map<string, TierEntry>();
  #last: Promise<unknown> = Promise.resolve();

  get bytes(): number {
    return [...this.#kept.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  get entries(): number {
    return this.#kept.size;
  }

  get(namespace: string, key: string): Promise<TierEntry | undefined> {
    return this.later(() => this.#kept.get(JSON.stringify([namespace, key])));
  }

  set(namespace: string, key: string, entry: TierEntry): Promise<void> {
    return this.later(() => void this.#kept.set(JSON.stringify([namespace, key]), entry));
  }

  delete(namespace: string, key: string): Promise<void> {
    return this.later(() => void this.#kept.delete(JSON.stringify([namespace, key])));
  }

  clear(namespace?: string): Promise<void> {
    return this.later(() => {
      for (const place of this.#kept.keys()) {
        if (namespace === undefined || JSON.parse(place)[0] === namespace) this.#kept.delete(place);
      }
    });
  }

  async close(): Promise<void> {
    await this.#last;
  }

  protected later<T>(work: () => T): Promise<T> {
    const done = this.#last.then(() => after(0)).then(work);
    this.#last = done;
    return done;
  }
}

/** Drops in any order: a `get` may overtake a `delete`. */
class OvertakingMap extends LateMap {
  protected override async later<T>(work: () => T): Promise<T> {
    await after(Math.random() < 0.5 ? 0 : 2);
    return work();
  }
}

/** Forgets whole namespaces only. */
class ForgetfulMap extends LateMap {
  override clear(namespace?: string): Promise<void> {
    return namespace === undefined ? Promise.resolve() : super.clear(namespace);
  }
}

describe.each([
  [
    'the disk tier',
    async () => openDiskTier({ path: join(await temporaryFolder(), 'c'), maxBytes: 2 ** 22, proof: () => undefined }),
  ],
  ['a map that answers late', () => new LateMap()],
])('%s', (_, open) => {
  it.each(cacheTierCases.map(({ title, run }) => [title, run] as const))('%s', (_name, run) => run(open));
});

it.each([
  ['answers in any order', () => new OvertakingMap()],
  ['does not forget everything', () => new ForgetfulMap()],
])('finds a tier that %s', async (_, open) => {
  const ends = await Promise.allSettled(cacheTierCases.map(({ run }) => run(open)));
  expect(ends.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
});
