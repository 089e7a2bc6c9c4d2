// What can happen to a scene, a step at a time; worlds.ts says which steps belong together.
import { callbacksDone, type Scene, type Way } from './scene.js';

/** Something that can happen. */
export interface Step {
  readonly name: string;
  readonly can: (scene: Scene) => boolean;
  readonly run: (scene: Scene, way: Way) => void | Promise<void>;
}

const always = (): boolean => true;
const hasOpen = ({ database }: Scene): boolean => database.open !== undefined;
/** One writer at a time: while this process has written, nobody else can. */
const isUnlocked = ({ database }: Scene): boolean => database.open === undefined;
const isRead = (load: { readonly answer: unknown }): boolean => load.answer !== undefined;

export const readA: Step = {
  name: 'A reads',
  can: (scene) => !scene.isReading('A'),
  run: (scene, way) => scene.read('A', way),
};
export const readB: Step = {
  name: 'B reads',
  // Readers are alike: B comes in while A waits.
  can: (scene) => scene.isReading('A') && !scene.isReading('B'),
  run: (scene, way) => scene.read('B', way),
};
export const readBAtOnce: Step = {
  name: 'B reads, and is answered before all others',
  can: (scene) => !scene.isReading('B'),
  async run(scene, way) {
    scene.read('B', way);
    await callbacksDone();
    scene.loadReads('newest');
    scene.loadLands('newest');
  },
};
export const loadAnswers: Step = {
  name: 'the statement of a load reads, and the load lands',
  can: ({ loads }) => loads.some((load) => !isRead(load)),
  run(scene) {
    scene.loadReads();
    scene.loadLands('newest');
  },
};
export const readThrough: Step = {
  name: 'somebody reads in the open transaction from outside',
  can: (scene) => hasOpen(scene) && !scene.isReading('through'),
  run: (scene, way) => scene.readThrough(way),
};
export const get: Step = { name: 'get', can: always, run: (scene) => scene.get() };
export const loadReads: Step = {
  name: 'the statement of a load reads',
  can: ({ loads }) => loads.some((load) => !isRead(load)),
  run: (scene) => scene.loadReads(),
};
export const loadLands: Step = {
  name: 'a load lands',
  can: ({ loads }) => loads.some(isRead),
  run: (scene) => scene.loadLands('oldest'),
};
export const newestLands: Step = {
  name: 'the newest load lands',
  can: ({ loads }) => loads.filter(isRead).length > 1,
  run: (scene) => scene.loadLands('newest'),
};
export const loadFails: Step = {
  name: 'a load fails',
  can: ({ loads }) => loads.length > 0,
  run: (scene) => scene.loadFails(),
};
export const beginDeclared: Step = {
  name: 'a declared transaction begins',
  can: isUnlocked,
  run: (scene) => scene.begin(true),
};
export const beginUndeclared: Step = {
  name: 'an undeclared transaction begins',
  can: isUnlocked,
  run: (scene) => scene.begin(false),
};
export const write: Step = {
  name: 'it writes',
  can: ({ database }) => database.open?.isSet === false,
  run: (scene) => scene.write(),
};
export const readInside: Step = {
  name: 'it reads',
  can: hasOpen,
  run: (scene) => scene.readInside(scene.database.open),
};
export const invalidateInside: Step = {
  name: 'it invalidates',
  can: hasOpen,
  run: (scene) => scene.invalidateInside(),
};
export const setInside: Step = {
  name: 'it sets what it wrote',
  can: ({ database }) => database.open?.written !== undefined,
  run: (scene) => scene.setInside(),
};
export const beginSavepoint: Step = {
  name: 'a savepoint begins',
  can: ({ database }) => database.open?.inSavepoint === false,
  run: ({ database }) => database.open?.beginSavepoint(),
};
export const rollBackSavepoint: Step = {
  name: 'the savepoint is rolled back',
  can: ({ database }) => database.open?.inSavepoint === true,
  run: ({ database }) => database.open?.rollBackSavepoint(),
};
export const commit: Step = { name: 'COMMIT', can: hasOpen, run: (scene) => scene.commit() };
export const rollBack: Step = { name: 'ROLLBACK', can: hasOpen, run: ({ database }) => database.rollBack() };
export const send: Step = {
  name: 'COMMIT takes effect at the server',
  can: (scene) => hasOpen(scene) && scene.database.sent === undefined,
  run: ({ database }) => database.send(),
};
export const committed: Step = {
  name: 'the answer to COMMIT arrives',
  can: ({ database }) => database.sent !== undefined,
  run: (scene) => scene.settle('committed'),
};
export const lost: Step = {
  name: 'the answer to COMMIT is lost',
  can: ({ database }) => database.sent !== undefined,
  run: (scene) => scene.settle('unknown'),
};
export const writeDeclared: Step = {
  name: 'a declared commit',
  can: isUnlocked,
  run(scene) {
    scene.begin(true);
    scene.write();
    scene.commit();
  },
};
export const writeAlone: Step = {
  name: 'an undeclared commit',
  can: isUnlocked,
  run: (scene) => scene.writeAlone(),
};
export const writeOnServer: Step = {
  name: 'an undeclared commit at the server',
  can: isUnlocked,
  run(scene) {
    scene.begin(false);
    scene.write();
    scene.database.send();
    scene.settle('committed');
  },
};
export const foreignCommit: Step = {
  name: 'another process commits',
  can: isUnlocked,
  run: ({ database }) => database.foreignCommit(),
};
/** Between two lines of the cache, which no schedule of whole steps reaches. */
export const commitBehindLook = (looks: number): Step => ({
  name: `another process commits behind look ${looks} from now`,
  can: (scene) => isUnlocked(scene) && scene.database.looksUntilCommit === 0,
  run({ database }) {
    database.looksUntilCommit = looks;
  },
});
export const commitBehindLookOf = (looks: number): Step => ({
  name: `another process commits behind look ${looks} after COMMIT`,
  can: (scene) => hasOpen(scene) && scene.database.looksUntilCommit === 0,
  run({ database }) {
    database.looksUntilCommit = looks;
  },
});
export const beginSnapshot: Step = {
  name: 'a snapshot begins',
  can: ({ snapshot }) => snapshot === undefined,
  run: (scene) => scene.beginSnapshot(),
};
export const snapshotReads: Step = {
  name: 'the snapshot reads',
  can: ({ snapshot }) => snapshot !== undefined,
  run: (scene) => scene.readInside(scene.snapshot),
};
export const turn: Step = { name: 'a turn', can: always, run: (scene) => scene.turn() };
export const tick: Step = { name: 'time passes', can: always, run: (scene) => scene.tick() };
export const longTick: Step = {
  name: 'much time passes',
  can: always,
  async run(scene) {
    await scene.tick();
    await scene.tick();
  },
};
export const askAnswered: Step = {
  name: 'the server says where it is',
  can: ({ database }) => database.asking,
  run: ({ database }) => database.answerAsk(true),
};
export const askFailed: Step = {
  name: 'the server does not say where it is',
  can: ({ database }) => database.asking,
  run: ({ database }) => database.answerAsk(false),
};
export const tierAnswers: Step = {
  name: 'the tier answers',
  can: ({ tier }) => tier?.owing === true,
  run: ({ tier }) => tier?.answer(),
};
export const setLate: Step = {
  name: 'a transaction that was rolled back sets what it wrote',
  can: ({ database }) => database.undone?.written !== undefined,
  run: (scene) => scene.setLate(),
};
export const takeLease: Step = {
  name: 'the row is read under a lease',
  can: ({ leased }) => leased === undefined,
  run: (scene) => scene.takeLease(),
};
export const setLeased: Step = {
  name: 'it is set under the lease',
  can: ({ leased }) => leased !== undefined,
  run: (scene) => scene.setLeased(),
};
export const breakTier: Step = {
  name: 'the tier breaks',
  can: ({ tier }) => tier?.isBroken === false,
  run({ tier }) {
    if (tier) tier.isBroken = true;
  },
};
export const mendTier: Step = {
  name: 'the tier works again',
  can: ({ tier }) => tier?.isBroken === true,
  run({ tier }) {
    if (tier) tier.isBroken = false;
  },
};
export const evict: Step = { name: 'the row is evicted', can: always, run: (scene) => scene.evict() };
