// Transactions: drizzle's, nested, rolled back and failing, and the client's interactive ones.
import type { Random } from '@cc/testkit/random';
import type { Transaction } from '@libsql/client';
import { type Call, play, type Queries, type Scope } from '../call.js';
import { OwnError, settle } from '../picture.js';
import { inSomeForm } from './forms.js';
import { drawRaw, drawStatement } from './raw.js';
import { drawRead } from './reads.js';
import { drawRelational } from './relational.js';
import { drawWrite } from './writes.js';

interface Inner {
  readonly call: Call;
  /** Whether the block goes on when the call fails. */
  readonly caught: boolean;
}

interface CanRollBack extends Queries {
  rollback(): never;
}

/** drizzle's transaction; `depth` says how deep further ones may nest. */
export function drawTransaction(random: Random, depth = 2): Call {
  const inner = random.some<Inner>(0, 4, () => ({ call: drawInner(random, depth), caught: random.chance(0.6) }));
  const end = random.weighed<'return' | 'throw' | 'rollback'>([
    [6, 'return'],
    [1, 'throw'],
    [1, 'rollback'],
  ]);
  return {
    label: `transaction [${inner.map(({ call, caught }) => `${call.label}${caught ? ' (caught)' : ''}`).join('; ')}] ${end}`,
    traits: ['transaction'],
    run: (scope) => scope.db.transaction((tx) => runBlock(tx as CanRollBack, { scope, inner, end })),
  };
}

async function runBlock(
  tx: CanRollBack,
  { scope, inner, end }: { scope: Scope; inner: readonly Inner[]; end: 'return' | 'throw' | 'rollback' },
): Promise<unknown> {
  for (const { call, caught } of inner) {
    const outcome = await play(call, { ...scope, db: tx });
    if ('error' in outcome && !caught) throw outcome.error;
  }
  if (end === 'throw') throw new OwnError('thrown by the program');
  if (end === 'rollback') tx.rollback();
  return { done: inner.length };
}

function drawInner(random: Random, depth: number): Call {
  return random.weighed<() => Call>([
    [4, () => inSomeForm(random, drawWrite(random))],
    [3, () => inSomeForm(random, drawRead(random))],
    [1, () => drawRelational(random)],
    [2, () => drawRaw(random)],
    [depth > 0 ? 2 : 0, () => drawTransaction(random, depth - 1)],
  ])();
}

/** The client's interactive transaction: its calls are played one by one. */
export function drawClientTransaction(random: Random): Call {
  const mode = random.pick(['write', 'read', 'deferred', undefined] as const);
  const inner = random.some(0, 4, () => drawClientInner(random));
  const end = random.weighed<'commit' | 'rollback' | 'close'>([
    [4, 'commit'],
    [1, 'rollback'],
    [1, 'close'],
  ]);
  const late = random.chance(0.1);
  return {
    label: `client.transaction ${mode} [${inner.map(({ label }) => label).join('; ')}] ${end}${late ? ', then one more' : ''}`,
    traits: ['client transaction', `mode ${mode}`],
    run: async (scope) => {
      const tx = await scope.root.$client.transaction(mode);
      try {
        for (const { label, traits, run } of inner) {
          await play({ label, traits, run: () => run(tx) }, scope);
        }
        const ended = await settle(() => tx[end]());
        if (late)
          await play({ label: 'after the end', traits: ['late'], run: () => tx.execute('select 1 as a') }, scope);
        if ('error' in ended) throw ended.error;
        return { closed: tx.closed };
      } finally {
        tx.close();
      }
    },
  };
}

interface ClientInner {
  readonly label: string;
  readonly traits: readonly string[];
  readonly run: (tx: Transaction) => unknown;
}

function drawClientInner(random: Random): ClientInner {
  const statement = drawStatement(random);
  const input = { sql: statement.sql, args: statement.args as never };
  return random.weighed<ClientInner>([
    [5, { label: `execute ${statement.sql}`, traits: ['in client transaction'], run: (tx) => tx.execute(input) }],
    [
      2,
      {
        label: `batch select 1, ${statement.sql}`,
        traits: ['in client transaction', 'client batch'],
        run: (tx) => tx.batch(['select 1 as one', input]),
      },
    ],
    [
      1,
      {
        label: 'executeMultiple',
        traits: ['in client transaction', 'executeMultiple'],
        run: (tx) => tx.executeMultiple('insert into loose values (3, 4); delete from loose where a = 3'),
      },
    ],
  ]);
}
