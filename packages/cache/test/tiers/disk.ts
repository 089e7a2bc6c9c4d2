// A disk tier for tests: on a file in a folder of its own, proven by what the test says, with what it told.
import { join } from 'node:path';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { onTestFinished } from 'vitest';
import type { TierEntry } from '../../src/contract/tier.js';
import type { DiskTier } from '../../src/tiers/disk-options.js';
import { openDiskTier } from '../../src/tiers/disk-tier.js';

export interface TestedDisk {
  readonly tier: DiskTier;
  /** What it told. */
  readonly told: string[];
}

/** What a test may say of a disk tier. */
export interface TestedDiskOptions {
  readonly maxBytes?: number;
  readonly proof?: () => string | undefined;
  readonly now?: () => number;
}

/** A path for a file in a new folder. */
export async function newPath(): Promise<string> {
  return join(await temporaryFolder(), 'library.db.cache');
}

/** Opens a tier that the test, or its end, closes. */
export async function openTested(path: string, options: TestedDiskOptions = {}): Promise<TestedDisk> {
  const { maxBytes = 2 ** 22, proof = () => 'P', now = Date.now } = options;
  const told: string[] = [];
  const tier = await openDiskTier({ path, maxBytes, proof, now, onEvent: (reason) => told.push(reason) });
  onTestFinished(() => tier.close());
  return { tier, told };
}

/** An entry of `text`. */
export function entryOf(text: string, tags: readonly string[] = []): TierEntry {
  return { data: Buffer.from(text), loadedAt: 1, expiresAt: Number.POSITIVE_INFINITY, tags };
}

/** The text that an entry holds. */
export function textIn(tier: DiskTier, namespace: string, key: string): string | undefined {
  const entry = tier.get(namespace, key);
  return entry && Buffer.from(entry.data).toString();
}

/** Keeps `count` entries of one namespace. */
export function fill(tier: DiskTier, count: number, bytes = 500): void {
  for (let i = 0; i < count; i += 1)
    tier.set('space', String(i), entryOf(`${i} ${'x'.repeat(bytes)}`, [`tag${i % 7}`]));
}

/** How many of them are found, each as it was kept. @throws Error when one is another */
export function countKept(tier: DiskTier, count: number): number {
  let kept = 0;
  for (let i = 0; i < count; i += 1) {
    const text = textIn(tier, 'space', String(i));
    if (text === undefined) continue;
    if (!text.startsWith(`${i} x`) && text !== `${i} `) throw new Error(`another entry was found in place of ${i}`);
    kept += 1;
  }
  return kept;
}

/** Lets the event loop take its turn: what changes on disk meanwhile is looked at anew. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
