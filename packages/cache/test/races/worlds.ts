// Which steps can happen where. Each world has the few that bear on one another, so that all their orders can be run.
import type { Choose } from './orders.js';
import { callbacksDone, type Ground, Scene, type Way } from './scene.js';
import {
  askAnswered,
  askFailed,
  beginDeclared,
  beginSavepoint,
  beginSnapshot,
  beginUndeclared,
  breakTier,
  commit,
  commitBehindLook,
  commitBehindLookOf,
  committed,
  evict,
  foreignCommit,
  get,
  invalidateInside,
  loadAnswers,
  loadFails,
  loadLands,
  loadReads,
  longTick,
  lost,
  mendTier,
  newestLands,
  readA,
  readB,
  readBAtOnce,
  readInside,
  readThrough,
  rollBack,
  rollBackSavepoint,
  type Step,
  send,
  setInside,
  setLate,
  setLeased,
  snapshotReads,
  takeLease,
  tick,
  tierAnswers,
  turn,
  write,
  writeAlone,
  writeDeclared,
  writeOnServer,
} from './steps.js';

/** A scene and its steps. */
export interface World extends Ground {
  readonly steps: readonly Step[];
}

const reading = [readA, loadReads, loadLands] as const;

/** Every world by its name. */
export const worlds = {
  'loads, commits of this process and of others': {
    target: 'local',
    steps: [...reading, get, writeDeclared, writeAlone, foreignCommit, turn],
  },
  'declared commits of which a region is not told': {
    target: 'local',
    drop: 'nothing',
    tier: true,
    steps: [...reading, get, tierAnswers, writeDeclared, turn],
  },
  'loads of two readers': {
    target: 'local',
    steps: [...reading, readB, newestLands, loadFails, writeDeclared, foreignCommit, turn],
  },
  'a declared transaction step by step': {
    target: 'local',
    steps: [...reading, beginDeclared, write, readInside, commit, rollBack],
  },
  'an undeclared transaction step by step': {
    target: 'local',
    steps: [...reading, get, beginUndeclared, write, readInside, invalidateInside, commit, rollBack],
  },
  'a transaction that somebody outside it reads in': {
    target: 'local',
    isEmpty: true,
    steps: [...reading, get, readThrough, beginUndeclared, write, commit, rollBack],
  },
  'a declared transaction that somebody outside it reads in, and a slower tier': {
    target: 'local',
    isEmpty: true,
    tier: true,
    steps: [...reading, readThrough, tierAnswers, beginDeclared, write, commit, rollBack],
  },
  'others that commit between two lines of the cache': {
    target: 'local',
    steps: [...reading, writeDeclared, turn, ...[1, 2].map(commitBehindLook)],
  },
  'others that commit between COMMIT and what is set inside': {
    target: 'local',
    steps: [readA, loadReads, loadLands, beginDeclared, write, setInside, commit, ...[1, 2, 3].map(commitBehindLookOf)],
  },
  'savepoints and what is set inside': {
    target: 'local',
    steps: [...reading, beginDeclared, write, setInside, beginSavepoint, rollBackSavepoint, commit],
  },
  snapshots: {
    target: 'local',
    steps: [...reading, beginSnapshot, snapshotReads, writeDeclared, foreignCommit, turn],
  },
  'a slower tier': {
    target: 'local',
    tier: true,
    steps: [...reading, tierAnswers, evict, writeDeclared, foreignCommit, turn],
  },
  'a slower tier and a transaction': {
    target: 'local',
    tier: true,
    steps: [...reading, tierAnswers, evict, beginDeclared, write, setInside, commit, rollBack],
  },
  'a slower tier that breaks': {
    target: 'local',
    tier: true,
    steps: [...reading, tierAnswers, evict, breakTier, mendTier, writeDeclared, writeAlone],
  },
  'work that outlives its transaction': {
    target: 'local',
    steps: [readA, loadReads, loadLands, get, beginUndeclared, write, setInside, setLate, commit, rollBack],
  },
  leases: {
    target: 'local',
    steps: [readA, loadReads, loadLands, takeLease, setLeased, writeDeclared, writeAlone, foreignCommit, turn],
  },
  'leases and tags': {
    target: 'local',
    drop: 'tag',
    tier: true,
    steps: [readA, loadReads, loadLands, tierAnswers, takeLease, setLeased, writeDeclared, evict],
  },
  'leases and regions that are cleared': {
    target: 'local',
    drop: 'region',
    tier: true,
    steps: [readA, loadReads, loadLands, tierAnswers, takeLease, setLeased, writeDeclared, evict],
  },
  'leases on a server': {
    target: 'server',
    steps: [readA, loadReads, loadLands, takeLease, setLeased, foreignCommit, tick, askAnswered],
  },
  'leases on a server that tells nothing': {
    target: 'mute',
    isEmpty: true,
    steps: [readA, loadReads, loadLands, get, takeLease, setLeased, foreignCommit],
  },
  'leases on a server that tells when it is asked': {
    target: 'quiet',
    isEmpty: true,
    steps: [readA, loadAnswers, get, takeLease, setLeased, foreignCommit, askAnswered],
  },
  'values that age': {
    target: 'local',
    ages: true,
    tier: true,
    steps: [...reading, get, tierAnswers, writeDeclared, foreignCommit, tick],
  },
  'values that age on a server': {
    target: 'server',
    ages: true,
    steps: [...reading, get, foreignCommit, tick, askAnswered, askFailed],
  },
  'a server': {
    target: 'server',
    steps: [...reading, foreignCommit, tick, askAnswered, askFailed, turn],
  },
  'a server and two readers of what nobody has read': {
    target: 'server',
    isEmpty: true,
    steps: [...reading, readB, foreignCommit, longTick, askFailed],
  },
  'a server that tells when it is asked': {
    target: 'quiet',
    steps: [...reading, get, writeOnServer, foreignCommit, tick, askAnswered],
  },
  'a server that tells nothing': {
    target: 'mute',
    steps: [...reading, get, writeOnServer, foreignCommit, tick],
  },
  'a server that tells nothing, and statements that overtake others': {
    target: 'mute',
    isEmpty: true,
    steps: [readA, readBAtOnce, loadAnswers, get, writeOnServer, foreignCommit],
  },
  'a server that tells when it is asked, and statements that overtake others': {
    target: 'quiet',
    isEmpty: true,
    steps: [readA, readBAtOnce, loadAnswers, get, writeOnServer, foreignCommit],
  },
  'a server and a slower tier': {
    target: 'server',
    tier: true,
    steps: [...reading, tierAnswers, foreignCommit, longTick, askFailed],
  },
  'a server that tells when it is asked, and a slower tier': {
    target: 'quiet',
    tier: true,
    steps: [...reading, tierAnswers, foreignCommit, longTick, askAnswered, askFailed],
  },
  'a server that tells nothing, and a slower tier': {
    target: 'mute',
    tier: true,
    steps: [...reading, tierAnswers, foreignCommit, longTick],
  },
  'values that age on a server that tells nothing': {
    target: 'mute',
    ages: true,
    steps: [...reading, get, foreignCommit, tick],
  },
  'declared commits on their way to a server': {
    target: 'server',
    steps: [...reading, get, beginDeclared, write, send, committed, lost, foreignCommit],
  },
  'what is set, on its way to a server': {
    target: 'server',
    steps: [...reading, beginDeclared, write, setInside, send, committed, foreignCommit],
  },
  'what is set, on its way to a server that tells when it is asked': {
    target: 'quiet',
    steps: [...reading, beginUndeclared, write, setInside, send, committed, foreignCommit],
  },
  'undeclared commits on their way to a server': {
    target: 'quiet',
    steps: [...reading, get, beginUndeclared, write, setInside, send, committed, lost],
  },
} as const satisfies Record<string, World>;

/** The name of a world. */
export type WorldName = keyof typeof worlds;

/** Runs one order of `length` steps; answers what was wrong with it and which steps it had. */
export async function runOrder(world: World, length: number, way: Way, choose: Choose): Promise<string | null> {
  const scene = await Scene.open(world);
  const taken: string[] = [];
  if (world.isEmpty !== true) scene.read('first', way);
  await scene.settled();
  for (let count = 0; count < length && scene.faults.length === 0; count += 1) {
    const steps = world.steps.filter(({ can }) => can(scene));
    const step = steps[choose(steps.length)];
    if (step === undefined) break;
    taken.push(step.name);
    await step.run(scene, way);
    await callbacksDone();
  }
  if (scene.faults.length === 0) await scene.end(way);
  await scene.close();
  return scene.faults.length === 0 ? null : `${taken.join(', ')}: ${scene.faults.join('; ')}`;
}
