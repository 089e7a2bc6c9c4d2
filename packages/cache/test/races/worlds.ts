// Which steps can happen where. Each world has the few that bear on one another, so that all their orders can be run.
import type { Choose } from './orders.js';
import { callbacksDone, type Ground, Scene, type Way } from './scene.js';

interface Step {
  readonly name: string;
  readonly can: (scene: Scene) => boolean;
  readonly run: (scene: Scene, way: Way) => void | Promise<void>;
}

/** A scene and its steps. */
export interface World extends Ground {
  readonly steps: readonly Step[];
}

const always = (): boolean => true;
const hasOpen = ({ database }: Scene): boolean => database.open !== undefined;
/** One writer at a time: while this process has written, nobody else can. */
const isUnlocked = ({ database }: Scene): boolean => database.open === undefined;
const isRead = (load: { readonly answer: unknown }): boolean => load.answer !== undefined;

const readA: Step = {
  name: 'A reads',
  can: (scene) => !scene.isReading('A'),
  run: (scene, way) => scene.read('A', way),
};
const readB: Step = {
  name: 'B reads',
  // Readers are alike: B comes in while A waits.
  can: (scene) => scene.isReading('A') && !scene.isReading('B'),
  run: (scene, way) => scene.read('B', way),
};
const readBAtOnce: Step = {
  name: 'B reads, and is answered before all others',
  can: (scene) => !scene.isReading('B'),
  async run(scene, way) {
    scene.read('B', way);
    await callbacksDone();
    scene.loadReads('newest');
    scene.loadLands('newest');
  },
};
const loadAnswers: Step = {
  name: 'the statement of a load reads, and the load lands',
  can: ({ loads }) => loads.some((load) => !isRead(load)),
  run(scene) {
    scene.loadReads();
    scene.loadLands('newest');
  },
};
const readThrough: Step = {
  name: 'somebody reads in the open transaction from outside',
  can: (scene) => hasOpen(scene) && !scene.isReading('through'),
  run: (scene, way) => scene.readThrough(way),
};
const get: Step = { name: 'get', can: always, run: (scene) => scene.get() };
const loadReads: Step = {
  name: 'the statement of a load reads',
  can: ({ loads }) => loads.some((load) => !isRead(load)),
  run: (scene) => scene.loadReads(),
};
const loadLands: Step = {
  name: 'a load lands',
  can: ({ loads }) => loads.some(isRead),
  run: (scene) => scene.loadLands('oldest'),
};
const newestLands: Step = {
  name: 'the newest load lands',
  can: ({ loads }) => loads.filter(isRead).length > 1,
  run: (scene) => scene.loadLands('newest'),
};
const loadFails: Step = {
  name: 'a load fails',
  can: ({ loads }) => loads.length > 0,
  run: (scene) => scene.loadFails(),
};
const beginDeclared: Step = {
  name: 'a declared transaction begins',
  can: isUnlocked,
  run: (scene) => scene.begin(true),
};
const beginUndeclared: Step = {
  name: 'an undeclared transaction begins',
  can: isUnlocked,
  run: (scene) => scene.begin(false),
};
const write: Step = {
  name: 'it writes',
  can: ({ database }) => database.open?.isSet === false,
  run: (scene) => scene.write(),
};
const readInside: Step = {
  name: 'it reads',
  can: hasOpen,
  run: (scene) => scene.readInside(scene.database.open),
};
const invalidateInside: Step = {
  name: 'it invalidates',
  can: hasOpen,
  run: (scene) => scene.invalidateInside(),
};
const setInside: Step = {
  name: 'it sets what it wrote',
  can: ({ database }) => database.open?.written !== undefined,
  run: (scene) => scene.setInside(),
};
const beginSavepoint: Step = {
  name: 'a savepoint begins',
  can: ({ database }) => database.open?.inSavepoint === false,
  run: ({ database }) => database.open?.beginSavepoint(),
};
const rollBackSavepoint: Step = {
  name: 'the savepoint is rolled back',
  can: ({ database }) => database.open?.inSavepoint === true,
  run: ({ database }) => database.open?.rollBackSavepoint(),
};
const commit: Step = { name: 'COMMIT', can: hasOpen, run: (scene) => scene.commit() };
const rollBack: Step = { name: 'ROLLBACK', can: hasOpen, run: ({ database }) => database.rollBack() };
const send: Step = {
  name: 'COMMIT takes effect at the server',
  can: (scene) => hasOpen(scene) && scene.database.sent === undefined,
  run: ({ database }) => database.send(),
};
const committed: Step = {
  name: 'the answer to COMMIT arrives',
  can: ({ database }) => database.sent !== undefined,
  run: (scene) => scene.settle('committed'),
};
const lost: Step = {
  name: 'the answer to COMMIT is lost',
  can: ({ database }) => database.sent !== undefined,
  run: (scene) => scene.settle('unknown'),
};
const writeDeclared: Step = {
  name: 'a declared commit',
  can: isUnlocked,
  run(scene) {
    scene.begin(true);
    scene.write();
    scene.commit();
  },
};
const writeAlone: Step = {
  name: 'an undeclared commit',
  can: isUnlocked,
  run: (scene) => scene.writeAlone(),
};
const writeOnServer: Step = {
  name: 'an undeclared commit at the server',
  can: isUnlocked,
  run(scene) {
    scene.begin(false);
    scene.write();
    scene.database.send();
    scene.settle('committed');
  },
};
const foreignCommit: Step = {
  name: 'another process commits',
  can: isUnlocked,
  run: ({ database }) => database.foreignCommit(),
};
/** Between two lines of the cache, which no schedule of whole steps reaches. */
const commitBehindLook = (looks: number): Step => ({
  name: `another process commits behind look ${looks} from now`,
  can: (scene) => isUnlocked(scene) && scene.database.looksUntilCommit === 0,
  run({ database }) {
    database.looksUntilCommit = looks;
  },
});
const commitBehindLookOf = (looks: number): Step => ({
  name: `another process commits behind look ${looks} after COMMIT`,
  can: (scene) => hasOpen(scene) && scene.database.looksUntilCommit === 0,
  run({ database }) {
    database.looksUntilCommit = looks;
  },
});
const beginSnapshot: Step = {
  name: 'a snapshot begins',
  can: ({ snapshot }) => snapshot === undefined,
  run: (scene) => scene.beginSnapshot(),
};
const snapshotReads: Step = {
  name: 'the snapshot reads',
  can: ({ snapshot }) => snapshot !== undefined,
  run: (scene) => scene.readInside(scene.snapshot),
};
const turn: Step = { name: 'a turn', can: always, run: (scene) => scene.turn() };
const tick: Step = { name: 'time passes', can: always, run: (scene) => scene.tick() };
const longTick: Step = {
  name: 'much time passes',
  can: always,
  async run(scene) {
    await scene.tick();
    await scene.tick();
  },
};
const askAnswered: Step = {
  name: 'the server says where it is',
  can: ({ database }) => database.asking,
  run: ({ database }) => database.answerAsk(true),
};
const askFailed: Step = {
  name: 'the server does not say where it is',
  can: ({ database }) => database.asking,
  run: ({ database }) => database.answerAsk(false),
};
const tierAnswers: Step = {
  name: 'the tier answers',
  can: ({ tier }) => tier?.owing === true,
  run: ({ tier }) => tier?.answer(),
};
const setLate: Step = {
  name: 'a transaction that was rolled back sets what it wrote',
  can: ({ database }) => database.undone?.written !== undefined,
  run: (scene) => scene.setLate(),
};
const takeLease: Step = {
  name: 'the row is read under a lease',
  can: ({ leased }) => leased === undefined,
  run: (scene) => scene.takeLease(),
};
const setLeased: Step = {
  name: 'it is set under the lease',
  can: ({ leased }) => leased !== undefined,
  run: (scene) => scene.setLeased(),
};
const breakTier: Step = {
  name: 'the tier breaks',
  can: ({ tier }) => tier?.isBroken === false,
  run({ tier }) {
    if (tier) tier.isBroken = true;
  },
};
const mendTier: Step = {
  name: 'the tier works again',
  can: ({ tier }) => tier?.isBroken === true,
  run({ tier }) {
    if (tier) tier.isBroken = false;
  },
};
const evict: Step = { name: 'the row is evicted', can: always, run: (scene) => scene.evict() };

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
