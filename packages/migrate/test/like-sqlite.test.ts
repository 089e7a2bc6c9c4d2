// Random files: cut into statements they are what they were joined from, and they do to a database what SQLite's own exec
// does with the whole text.
import { type Client, createClient } from '@libsql/client';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitStatements } from '../src/sql/statements.js';

const split = (sql: string): string[] => splitStatements(sql, 'x.sql').map((statement) => statement.sql);

const quoted = (quote: string, inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  inner.map((text) => quote + text.replaceAll(quote, quote + quote) + quote);

/** Text that looks like SQL when it is taken out of its quotes. */
const tricky = fc
  .array(
    fc.constantFrom(
      ...[';', "'", '"', '`', ']', '--', '/*', '*/', '\n', '\r\n', ' ', '--> statement-breakpoint'],
      ...['BEGIN', 'END;', 'COMMIT;', 'CREATE TRIGGER t', 'ä', '漢', '\u00A0', '😀', '$1', '?'],
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(''));

const text = quoted("'", tricky);
const name = fc.oneof(
  fc.constantFrom('a', 'end', 'begin', 'commit', 'trigger', 'case_end', 'täble', 'x1', '_'),
  quoted('"', tricky),
  quoted('`', tricky),
  tricky.map((inner) => `[${inner.replaceAll(']', '')}]`),
);

const comment = fc.oneof(
  // A line that ends in a break, and no mark of drizzle in it, at which the file would be cut.
  tricky.map((inner) => `--${inner.replaceAll(/[\r\n]|--> statement-breakpoint/g, ' ')}\n`),
  tricky.map((inner) => `/*${inner.replaceAll('*/', '* ')} */`),
);
const gap = fc
  .array(fc.oneof(fc.constantFrom(' ', '\n', '\r\n', '\t', '\f', ' \uFEFF '), comment), { maxLength: 3 })
  .map((pieces) => pieces.join(''));
/** Never empty, so that words do not grow together. */
const between = gap.map((pieces) => ` ${pieces}`);

const words = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)),
      fc.array(between, { minLength: parts.length, maxLength: parts.length }),
    )
    .map((drawn) => {
      const gaps = drawn.at(-1);
      const pieces = drawn.slice(0, -1).map(String);
      return pieces
        .map((piece, index) => (index === 0 ? '' : String(Array.isArray(gaps) ? gaps[index] : ' ')) + piece)
        .join('');
    });

const caseEnd = words(
  'CASE',
  'WHEN',
  'new.n',
  '=',
  text,
  'THEN',
  text,
  'ELSE',
  'CASE',
  '1',
  'WHEN',
  '1',
  'THEN',
  text,
  'END',
  'END',
);

const trigger = (triggerName: fc.Arbitrary<string>, head: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      words(head, triggerName, 'AFTER', 'INSERT', 'ON', 'seen', 'WHEN', 'new.n', 'IS NOT', text, 'BEGIN'),
      fc.array(
        words(
          fc.oneof(
            caseEnd.map((value) => `INSERT INTO log VALUES (${value})`),
            text.map((value) => `INSERT INTO log VALUES (${value})`),
            fc.constant('SELECT log.end FROM log'),
          ),
          ';',
        ),
        { minLength: 1, maxLength: 3 },
      ),
      between,
    )
    .map(([begin, body, space]) => `${begin}${space}${body.join(space)}${space}END`);

const plain = fc.oneof(
  words('INSERT', 'INTO', 'seen', 'VALUES', '(', text, ')'),
  words('UPDATE', 'seen', 'SET', 'n', '=', 'n', '||', text, 'WHERE', 'n', '<>', text),
  words('INSERT INTO seen', 'SELECT', 'end', 'FROM log', 'AS', '"x;y"'),
  words('DELETE', 'FROM', 'seen', 'WHERE', 'n', '=', text),
  words('CREATE', 'TABLE', 'IF', 'NOT', 'EXISTS', name, '(', 'end', ',', 'b', 'DEFAULT', text, ')'),
  words('SELECT', '1', '-', '-1', ',', "'{}'", '->>', text),
);
const statement = fc.oneof(
  { weight: 3, arbitrary: plain },
  { weight: 1, arbitrary: trigger(name, 'CREATE TRIGGER IF NOT EXISTS') },
  { weight: 1, arbitrary: trigger(name, 'CREATE TEMP TRIGGER IF NOT EXISTS') },
);

const joint = fc.tuple(
  gap,
  fc.constantFrom(';', ';\n--> statement-breakpoint\n', '; ;', ';--> statement-breakpoint\r\n;'),
  gap,
);
const bareJoint = fc.tuple(gap, fc.constant('--> statement-breakpoint\n'), gap);
const file = (joints: fc.Arbitrary<[string, string, string]>) =>
  fc.array(fc.tuple(statement, joints), { maxLength: 8 }).map((parts) => ({
    statements: parts.map(([sql]) => sql),
    sql: parts.map(([sql, pieces]) => sql + pieces.join('')).join(''),
  }));

test('statements that are joined with random comments and breakpoints come apart again', () => {
  fc.assert(
    fc.property(file(fc.oneof(joint, bareJoint)), ({ statements, sql }) => {
      expect(split(sql)).toEqual(statements);
    }),
    { numRuns: 500 },
  );
});

const ground = `CREATE TABLE seen (n); CREATE TABLE log (end); INSERT INTO log VALUES ('first')`;

/** Everything that is in the database, temporary triggers too; or what SQLite said instead. */
async function outcome(work: (client: Client) => Promise<void>): Promise<unknown> {
  const client = createClient({ url: ':memory:' });
  try {
    await client.executeMultiple(ground);
    let error: string | null = null;
    try {
      await work(client);
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    const all = async (sql: string): Promise<unknown[]> => (await client.execute(sql)).rows.map((row) => ({ ...row }));
    return {
      error,
      schema: await all(
        'SELECT type, name, sql FROM sqlite_schema UNION ALL SELECT type, name, sql FROM temp.sqlite_schema',
      ),
      seen: await all('SELECT n FROM seen ORDER BY rowid'),
      log: await all('SELECT end FROM log ORDER BY rowid'),
    };
  } finally {
    client.close();
  }
}

test('statement by statement they do what exec does with the whole text', async () => {
  await fc.assert(
    fc.asyncProperty(file(joint), async ({ sql }) => {
      const whole = await outcome((client) => client.executeMultiple(sql));
      const apart = await outcome(async (client) => {
        for (const each of split(sql)) await client.execute(each);
      });
      expect(apart).toEqual(whole);
    }),
    { numRuns: 200 },
  );
});
