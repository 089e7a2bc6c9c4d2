// Batches and scripts: drizzle's batch, and the client's batch in its three modes, migrate and executeMultiple.
import type { Random } from '@cc/testkit/random';
import { sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { Call } from '../call.js';
import type { Drawn } from './forms.js';
import { drawStatement, runByHand, waysByHand } from './raw.js';
import { drawRead } from './reads.js';
import { drawRelationalQuery } from './relational.js';
import { drawWrite } from './writes.js';

/** drizzle's batch. */
export function drawBatch(random: Random): Call {
  const drawn = random
    .some<Drawn>(1, 4, () =>
      random.weighed<() => Drawn>([
        [3, () => drawWrite(random)],
        [2, () => drawRead(random)],
        [1, () => drawRawQuery(random)],
        [1, () => drawRelationalQuery(random)],
      ])(),
    )
    .filter(({ label }) => !label.startsWith('$count'));
  return {
    label: `db.batch [${drawn.map(({ label }) => label).join('; ')}]`,
    traits: ['batch', ...drawn.flatMap(({ traits }) => traits ?? [])],
    run: ({ root }) => {
      const queries = drawn.map(({ make }) => make(root) as unknown as BatchItem<'sqlite'>);
      return root.batch(queries as [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]]);
    },
  };
}

function drawRawQuery(random: Random): Drawn {
  const way = random.pick(waysByHand);
  const text = random.pick(['select 1 as a, 2 as a', "select x'01' as b, null as n", 'delete from loose']);
  return { label: `db.${way} ${text}`, traits: ['raw'], make: (db) => runByHand(db, way, sql.raw(text)) };
}

/** The client's batch. */
export function drawClientBatch(random: Random): Call {
  const mode = random.pick(['write', 'read', 'deferred', undefined] as const);
  const statements = random.some(0, 4, () => {
    const { sql: text, args } = drawStatement(random);
    return random.chance(0.5) ? [text, args] : args.length === 0 && random.chance(0.5) ? text : { sql: text, args };
  });
  return {
    label: `client.batch ${mode} ${JSON.stringify(
      statements.map((each) => (typeof each === 'string' ? each : Array.isArray(each) ? each[0] : each)),
      withoutBig,
    )}`,
    traits: ['client batch', `mode ${mode}`],
    run: ({ root }) => root.$client.batch(statements as never, mode),
  };
}

const withoutBig = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint'
    ? `${value}n`
    : typeof value === 'string' && value.length > 80
      ? `${value.slice(0, 80)}…`
      : value;

/** `migrate`, which has foreign keys off, and `executeMultiple`. */
export function drawScript(random: Random): Call {
  const statements = random.some(0, 3, () =>
    random.pick([
      'insert into loose values (1, 2)',
      'insert into post_tags values (50, 60)',
      'delete from post_tags where post_id = 50',
      'create table if not exists extra (x)',
      'drop table if exists extra',
      "insert into people (name) values ('ada')",
      "insert into tags (title) values ('t' || (select count(*) from tags))",
      'select 1 as a',
      '-- nothing',
      'alter table extra add column y',
    ]),
  );
  if (random.chance(0.5)) {
    return {
      label: `migrate ${JSON.stringify(statements)}`,
      traits: ['migrate'],
      run: ({ root }) => root.$client.migrate(statements.filter((text) => text !== '-- nothing')),
    };
  }
  const whole = random.chance(0.3) ? ['begin', ...statements, random.pick(['commit', 'rollback'])] : statements;
  const script = whole.join(';\n');
  return {
    label: `executeMultiple ${JSON.stringify(script)}`,
    traits: ['executeMultiple', ...(whole === statements ? [] : ['script with its own transaction'])],
    run: ({ root }) => root.$client.executeMultiple(script),
  };
}
