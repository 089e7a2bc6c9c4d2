// The judge is judged: it says nothing when the stock client runs beside itself, and finds every fault that is built into
// one side.
import { type Client, createClient, type InStatement, type ResultSet } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { describe, expect, it } from 'vitest';
import type { Root } from './call.js';
import { compare } from './judge.js';
import type { OpenSides } from './sides.js';
import { memorySides, openStock } from './sides.js';
import { schema } from './tables.js';

type Fault = (
  run: (statement: InStatement) => Promise<ResultSet>,
  statement: { readonly sql: string; readonly args: readonly unknown[] },
) => Promise<ResultSet>;

const faults: Readonly<Record<string, Fault>> = {
  'the values of an earlier call': withEarlierValues(),
  'a row that is missing': async (run, statement) => {
    const result = await run(statement as InStatement);
    if (result.rows.length > 2) result.rows.pop();
    return result;
  },
  'the last of two columns of one name': async (run, statement) => {
    const result = await run(statement as InStatement);
    const twice = result.columns.findIndex((name, index) => result.columns.indexOf(name) < index);
    const name = result.columns[twice];
    if (name !== undefined) for (const row of result.rows) row[name] = row[twice] ?? null;
    return result;
  },
  'a write that is not done': (run, statement) =>
    run(/^update .* returning/.test(statement.sql) ? 'select 1 where 0' : (statement as InStatement)),
  'a count of rows that is wrong': async (run, statement) => {
    const result = await run(statement as InStatement);
    return result.rowsAffected === 2 ? Object.assign(result, { rowsAffected: 1 }) : result;
  },
  'a number for a text': async (run, statement) => {
    const result = await run(statement as InStatement);
    for (const row of result.rows) if (typeof row[0] === 'string') Object.defineProperty(row, 0, { value: 1 });
    return result;
  },
  'a failure that is swallowed': (run, statement) =>
    run(statement as InStatement).catch((error: unknown) => {
      if (statement.sql.startsWith('insert into "post_tags"')) return run('select 1 where 0');
      throw error;
    }),
};

describe('the judge', () => {
  it('finds nothing when the stock client runs beside itself', async () => {
    const { complaints } = await compare({
      ...trial,
      open: withFault((run, statement) => run(statement as InStatement)),
    });
    expect(complaints).toEqual([]);
  });

  it.each(Object.entries(faults))('finds %s', async (_name, fault) => {
    const { complaints } = await compare({ ...trial, open: withFault(fault) });
    expect(complaints).toHaveLength(1);
  });
});

const trial = { target: ':memory:', folder: '', seed: 11, steps: 1_500 } as const;

/** The stock client on both sides, with a fault in the one that stands for ours. */
function withFault(fault: Fault): OpenSides {
  return async () => {
    const client = createClient({ url: ':memory:' });
    return memorySides(
      await openStock({ url: ':memory:' }),
      drizzle(faulty(client, fault), { schema }) as unknown as Root,
    );
  };
}

function faulty(client: Client, fault: Fault): Client {
  return new Proxy(client, {
    get: (target, name) => {
      if (name === 'execute') {
        return (statement: InStatement | string, args: readonly unknown[] = []) => {
          const { sql, args: own = [] } = typeof statement === 'string' ? { sql: statement, args } : statement;
          if (!Array.isArray(own)) return target.execute(statement as InStatement);
          return fault((each) => target.execute(each), { sql, args: own });
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Each third call of a text runs with the values of the call in front of it. */
function withEarlierValues(): Fault {
  const earlier = new Map<string, readonly unknown[]>();
  let calls = 0;
  return (run, { sql, args }) => {
    calls += 1;
    const bound = calls % 3 === 0 ? (earlier.get(sql) ?? args) : args;
    earlier.set(sql, args);
    return run({ sql, args: bound as never });
  };
}
