// Random sequences of what this process and others do to a file, or a database in memory, against a plain count: a look is
// another one exactly when something was committed that nobody has declared. CC_RUNS and CC_SEED as in the other models.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Random, randomOfRound } from '@cc/testkit/random';
import { describe, expect, it } from 'vitest';
import { openTransactionManager, type Transaction, type TransactionManager } from '../../src/index.js';
import { internalsOf } from '../../src/internals.js';
import { temporaryFolder } from '../target.js';

const runs = Number(process.env.CC_RUNS ?? 30);
const seed = Number(process.env.CC_SEED ?? Date.now() % 2 ** 31);

const by = {};
const insert = 'insert into t (a) values (1)';
const failing = 'insert into t (id, a) values (1, 1)';

/** What was committed by a step. */
interface Effect {
  /** Rows in the file. */
  rows: number;
  /** Told by nobody: a look has to be another one. */
  untold: boolean;
  /** A look may be another one all the same: a savepoint was undone, another connection made a checkpoint, one was replaced. */
  free: boolean;
}

interface Scene {
  readonly manager: TransactionManager;
  /** Another manager of the file; the same in memory. */
  readonly other: TransactionManager;
  readonly random: Random;
}

type Step = (scene: Scene, effect: Effect) => Promise<unknown>;

async function maybeDeclared(scene: Scene, effect: Effect, write: () => PromiseLike<unknown>): Promise<void> {
  if (scene.random.chance(0.5)) {
    await scene.manager.changes.declared(by, async () => void (await write()));
  } else {
    effect.untold = true;
    await write();
  }
}

const fails = async (work: () => PromiseLike<unknown>): Promise<void> => {
  await expect(Promise.resolve().then(work)).rejects.toMatchObject({ type: 'constraint' });
};

/** Writes, reads and savepoints in a transaction. What is undone leaves its mark all the same, which is free. */
async function block(scene: Scene, tx: Transaction, effect: Effect, depth: number): Promise<void> {
  const { random, manager } = scene;
  for (let steps = random.whole(0, 3); steps > 0; steps -= 1) {
    await random.pick<() => Promise<unknown>>([
      async () => {
        await maybeDeclared(scene, effect, () => manager.db.run(insert));
        effect.rows += 1;
      },
      async () => {
        await tx.db.all('select * from t');
      },
      // A statement that fails leaves its mark too.
      () => fails(() => tx.db.run(failing)).then(() => (effect.free = true)),
      async () => {
        if (depth === 2) return;
        const inner: Effect = { rows: 0, untold: false, free: false };
        const isKept = random.chance(0.5);
        await tx
          .savepoint(async (nested) => {
            await block(scene, nested, inner, depth + 1);
            if (!isKept) nested.rollback();
          })
          .catch((error: unknown) => expect(error).toMatchObject({ code: 'TX_ROLLBACK' }));
        if (isKept) effect.rows += inner.rows;
        if (isKept) effect.untold ||= inner.untold;
        effect.free ||= inner.free || inner.untold;
      },
    ])();
  }
}

const steps: Readonly<Record<string, Step>> = {
  'a write on its own': async (scene, effect) => {
    await maybeDeclared(scene, effect, () => scene.manager.db.run(insert));
    effect.rows += 1;
  },
  'a write that fails': ({ manager }) => fails(() => manager.db.run(failing)),
  'a transaction': async (scene, effect) => {
    const isKept = scene.random.chance(0.7);
    const inner: Effect = { rows: 0, untold: false, free: false };
    const before = scene.manager.changes.look(by);
    await scene.manager
      .transaction(async (tx) => {
        await block(scene, tx, inner, 0);
        expect(scene.manager.changes.look(by)).toBe(before);
        if (!isKept) tx.rollback();
      })
      .catch((error: unknown) => expect(error).toMatchObject({ code: 'TX_ROLLBACK' }));
    if (isKept) Object.assign(effect, inner);
  },
  'a transaction in a declared block': async (scene, effect) => {
    const inner: Effect = { rows: 0, untold: false, free: false };
    await scene.manager.changes.declared(by, () => scene.manager.transaction((tx) => block(scene, tx, inner, 0)));
    effect.rows += inner.rows;
  },
  'a snapshot': ({ manager }) => manager.read(({ db }) => db.all('select * from t')),
  'a read': async ({ manager }) => void (await manager.db.all('select * from t')),
  'a checkpoint': async ({ manager }) => void (await manager.db.run('pragma wal_checkpoint(truncate)')),
  'a batch': async (scene, effect) => {
    const { client } = { client: scene.manager.db.$client };
    if (scene.random.chance(0.3)) return fails(() => client.batch([insert, failing], 'write'));
    await maybeDeclared(scene, effect, () => client.batch([insert, insert], 'write'));
    effect.rows += 2;
    return undefined;
  },
  'a migration': async (scene, effect) => {
    const client = scene.manager.db.$client;
    if (scene.random.chance(0.3)) return fails(() => client.migrate([insert, failing]));
    await maybeDeclared(scene, effect, () => client.migrate([insert]));
    effect.rows += 1;
    return undefined;
  },
  'a script': async (scene, effect) => {
    const client = scene.manager.db.$client;
    const isWhole = scene.random.chance(0.6);
    await maybeDeclared(scene, effect, async () => {
      const script = client.executeMultiple(`${insert}; ${isWhole ? insert : failing}`);
      await script.catch((error: unknown) => expect(error).toMatchObject({ outcome: 'unknown' }));
    });
    effect.rows += isWhole ? 2 : 1;
  },
  'a lease': async (scene, effect) => {
    using lease = await scene.manager.getConnection();
    const { client } = lease;
    await maybeDeclared(scene, effect, () => client.execute(insert));
    effect.rows += 1;
  },
  'a transaction by text in a lease': async (scene, effect) => {
    using lease = await scene.manager.getConnection();
    const { client } = lease;
    const begin = scene.random.pick(['begin', 'begin immediate', 'savepoint s', 'BEGIN EXCLUSIVE']);
    const isKept = scene.random.chance(0.6);
    const inner: Effect = { rows: 0, untold: false, free: false };
    await client.execute(begin);
    await maybeDeclared(scene, inner, () => client.execute(insert));
    if (isKept) {
      await client.execute(begin === 'savepoint s' ? 'release s' : scene.random.pick(['commit', 'END', 'Commit;']));
      effect.rows += 1;
      effect.untold ||= inner.untold;
    } else if (scene.random.chance(0.5)) await client.execute('rollback');
    // Else the end of the lease rolls it back.
  },
  'a lease that sets something': async ({ manager }, effect) => {
    using lease = await manager.getConnection();
    await lease.client.execute('pragma cache_size = -4000');
    // The writer is opened anew when it is taken the next time.
    effect.free = true;
    lease.release();
    await manager.changes.declared(by, async () => void (await manager.db.run(insert)));
    effect.rows += 1;
  },
  'a write of another': async ({ manager, other, random }, effect) => {
    const write = async (): Promise<void> => void (await other.db.run(insert));
    await (random.chance(0.5) ? other.changes.declared(by, write) : write());
    effect.rows += 1;
    effect.untold = true;
    if (manager === other) effect.free = true;
  },
  'a rollback of another': ({ other }) =>
    other
      .transaction(async (tx) => {
        await tx.db.run(insert);
        tx.rollback();
      })
      .catch(() => undefined),
  'a checkpoint of another': async ({ other }, effect) => {
    await other.db.run('pragma wal_checkpoint(passive)');
    effect.free = true;
  },
  'connections that are closed and opened anew': async ({ manager }, effect) => {
    if (manager.capabilities.target === 'memory') return;
    const work = async (): Promise<void> => expect(manager.changes.look(by)).toBeUndefined();
    await internalsOf(manager).exclusively(work, { closed: true, timeoutMs: 60_000 });
    effect.free = true;
  },
};

describe.each(['file', ':memory:'])('on %s', (target) => {
  it(`${runs} random sequences (seed ${seed}) are told as the model counts`, { timeout: 600_000 }, async () => {
    const folder = await temporaryFolder();
    for (let round = 0; round < runs; round += 1) {
      const random = randomOfRound(seed, round);
      const url = target === 'file' ? pathToFileURL(join(folder, `${round}.db`)).href : target;
      const pragmas = { synchronous: 'OFF' };
      const manager = await openTransactionManager({ url, pragmas, acquireTimeoutMs: 60_000 });
      const other =
        target === 'file' ? await openTransactionManager({ url, pragmas, acquireTimeoutMs: 60_000 }) : manager;
      try {
        await manager.db.run('create table t (id integer primary key, a integer)');
        await manager.db.run(insert);
        let rows = 1;
        const done: string[] = [];
        for (let count = 0; count < 25; count += 1) {
          const before = manager.changes.look(by);
          expect(before).toBeTypeOf('number');
          const [name, step] = random.pick(Object.entries(steps));
          done.push(name);
          const effect: Effect = { rows: 0, untold: false, free: false };
          await step({ manager, other, random }, effect);
          const after = manager.changes.look(by);
          const said = `round ${round}: ${done.join(', ')}`;
          // In memory there is one manager, whose declared writes stay declared.
          const isFree = effect.free && !(effect.untold && manager !== other);
          if (!isFree) expect({ said, moved: after !== before }).toEqual({ said, moved: effect.untold });
          rows += effect.rows;
          const [row] = await other.db.all<{ n: number }>('select count(*) as n from t');
          expect({ said, rows: row?.n, look: manager.changes.look(by) }).toEqual({ said, rows, look: after });
        }
      } finally {
        await other.close({ drainMs: 0 });
        await manager.close({ drainMs: 0 });
      }
    }
  });
});
