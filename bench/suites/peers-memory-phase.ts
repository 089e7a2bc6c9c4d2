// What a contender costs before and beside its operations: the time until the first read has answered, the memory that five
// kinds of operations leave behind, and the room on disk.
import { readFile } from 'node:fs/promises';
import { openMeasuredPeer } from '../contenders/measured-peer.js';
import { digest } from '../harness/digest.js';
import { type Measurement, summarise } from '../harness/measure.js';
import type { Job, Phase, TrialReport } from '../harness/suite.js';
import { at, valuesOf } from './library-phase.js';
import { moreDurable, peerNames } from './peer-names.js';
import { readPeersInputs } from './peers-phase-inputs.js';

/** Opening, memory, size. */
export const peersMemoryPhase: Phase = {
  name: 'cost',
  contenders: peerNames.filter((name) => name !== 'libsql by hand again'),
  mayDiffer: ['before'],
  mayBeMoreDurable: moreDurable,
  run: runCost,
  inspect: async () => ({ digest: null, facts: {} }),
};

async function runCost({ contender: name, databasePath, inputsPath }: Job): Promise<TrialReport> {
  const inputs = readPeersInputs(await readFile(inputsPath, 'utf8'));
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const started = performance.now();
  const peer = await openMeasuredPeer(name, databasePath);
  await peer.read(at(inputs.ids, 0));
  const openMs = performance.now() - started;
  globalThis.gc?.();
  const opened = process.memoryUsage.rss();
  const outcomes = { made: 0, found: 0 };
  for (const item of inputs.creates.slice(0, 330)) if ((await peer.create(item)) === 'created') outcomes.made += 1;
  for (let i = 0; i < 1_000; i += 1) await peer.read(at(inputs.ids, i));
  for (let i = 0; i < 330; i += 1) await peer.setAndReadMetadata(at(inputs.ids, i), valuesOf(i));
  for (let i = 0; i < 120; i += 1) {
    const { words, format } = at(inputs.searches, i);
    outcomes.found += (await peer.search(words, format)).length;
  }
  for (const bulk of inputs.bulks.slice(0, name === 'before' ? 1 : 3)) await peer.createMany(bulk);
  const megabytes = (process.memoryUsage.rss() - opened) / 2 ** 20;
  const durability = await peer.durability();
  await peer.close();
  const { packages, megabytes: installed } = inputs.installed[name] ?? { packages: 0, megabytes: 0 };
  return {
    rows: {
      open: summarise([openMs], 'ms', null),
      loaded: one((opened - before) / 2 ** 20),
      memory: one(megabytes, digest(outcomes)),
      installed: { ...one(installed), facts: { packages } },
    },
    durability,
  };
}

function one(value: number, digestOfResults: string | null = null): Measurement {
  return { value, samples: 1, mean: value, p95: value, max: value, digest: digestOfResults, facts: {} };
}
