// Random migrations over hostile rows: what the manager says they lose must be what a comparison of all cells in
// JavaScript says, taken by a second reader before and after. Every failure prints its seed.
import { seededRandom } from '@cc/testkit/random';
import { describe, expect, test } from 'vitest';
import { makeScratch } from '../scratch.js';
import { type Dump, dump, lossesIn, refusalOf } from './judged.js';

const rounds = 60;
const seedOfRun = Number(process.env['CC_SEED'] ?? Date.now() % 1_000_000);

const hostile = [
  ...[
    'NULL',
    `''`,
    `'0'`,
    `'007'`,
    `'12'`,
    `'1e3'`,
    `'abc'`,
    `'ABC'`,
    `'12345678901234567890'`,
    `'a' || char(0) || 'b'`,
  ],
  ...['0', '12', '-5', '9007199254740993', '4.5', '0.1 + 0.2', '1e300', `x'00ff'`, `x''`, `'é'`, `' 1'`],
];
const types = ['text', 'integer', 'real', 'blob', 'numeric'];
const columns = ['a', 'b', 'c'];

interface Plan {
  readonly before: string;
  readonly up: string;
  /** Columns of `t` before to those behind; null for one that goes. */
  readonly follows: ReadonlyMap<string, string | null>;
  readonly typesBefore: ReadonlyMap<string, string>;
  readonly typesAfter: ReadonlyMap<string, string>;
}

function planOf(pick: (below: number) => number): Plan {
  const one = <T>(all: readonly T[]): T => {
    const chosen = all[pick(all.length)];
    if (chosen === undefined) throw new Error('Nothing to choose from');
    return chosen;
  };
  const typed = new Map(columns.map((name) => [name, one(types)]));
  const rows = Array.from(
    { length: 3 + pick(6) },
    (_, i) => `(${(i + 1) * 3}, ${columns.map(() => one(hostile)).join(', ')})`,
  );
  const key = one([
    'id integer PRIMARY KEY',
    'id integer PRIMARY KEY AUTOINCREMENT',
    'id text PRIMARY KEY NOT NULL',
    'id blob PRIMARY KEY NOT NULL) WITHOUT ROWID',
  ]);
  const [keyText, options] = key.endsWith('WITHOUT ROWID')
    ? [key.slice(0, key.indexOf(')')), ' WITHOUT ROWID']
    : [key, ''];
  const create = (name: string, parts: readonly string[]): string =>
    `CREATE TABLE ${name} (${[keyText, ...parts].join(', ')})${options};`;
  const before = `${create(
    't',
    columns.map((name) => `${name} ${typed.get(name)}`),
  )}\nINSERT INTO t VALUES ${rows.join(', ')};`;

  const now = new Map<string, string>(columns.map((name) => [name, name]));
  const after = new Map(typed);
  const statements: string[] = [];
  for (let step = 0; step < 1 + pick(3); step += 1) {
    const names = [...after.keys()];
    const name = names.length === 0 ? null : one(names);
    const origin = [...now].find(([, current]) => current === name)?.[0];
    const kind = pick(6);
    if (kind === 0 && name !== null) {
      const value = one([
        'NULL',
        `lower(${name})`,
        name,
        one(hostile),
        `coalesce(${name}, 'filled')`,
        `CAST(${name} AS integer)`,
      ]);
      statements.push(`UPDATE t SET ${name} = ${value} WHERE id > ${pick(12)};`);
    } else if (kind === 1) statements.push(`DELETE FROM t WHERE id = ${3 * pick(8)};`);
    else if (kind === 2 && name !== null) {
      statements.push(`ALTER TABLE t RENAME COLUMN ${name} TO ${name}${step};`);
      const type = after.get(name) ?? '';
      after.delete(name);
      after.set(`${name}${step}`, type);
      if (origin !== undefined) now.set(origin, `${name}${step}`);
    } else if (kind === 3 && name !== null && names.length > 1) {
      statements.push(`ALTER TABLE t DROP COLUMN ${name};`);
      after.delete(name);
      if (origin !== undefined) now.delete(origin);
    } else {
      const retyped =
        name !== null && pick(2) === 0
          ? new Map([...after].map(([each, type]) => [each, each === name ? one(types) : type]))
          : new Map(after);
      const where = pick(5) === 0 ? ` WHERE id <> ${3 * pick(6)}` : '';
      const list = ['id', ...retyped.keys()].join(', ');
      statements.push(
        create(
          `__new_t`,
          [...retyped].map(([each, type]) => `${each} ${type}`),
        ),
        `INSERT INTO __new_t (${list}) SELECT ${list} FROM t${where};`,
        ...(pick(3) === 0
          ? ['ALTER TABLE t RENAME TO old_t;', 'ALTER TABLE __new_t RENAME TO t;', 'DROP TABLE old_t;']
          : ['DROP TABLE t;', 'ALTER TABLE __new_t RENAME TO t;']),
      );
      for (const [each, type] of retyped) after.set(each, type);
    }
  }
  const follows = new Map(columns.map((name) => [name, now.get(name) ?? null]));
  return { before, up: statements.join('\n'), follows, typesBefore: typed, typesAfter: after };
}

const isNumber = (cell: string): boolean => /^-?(?:\d|9\.0e\+999)/.test(cell);
const hexOf = (cell: string): string | null =>
  cell.startsWith(`'`) ? cell.slice(cell.lastIndexOf(' ') + 1) : (/^X'(.*)'$/.exec(cell)?.[1] ?? null);
const textOf = (cell: string): string => Buffer.from(hexOf(cell) ?? '', 'hex').toString('utf8');

/** Both as numbers without loss: integers as bigint, others as doubles. */
function sameNumber(a: string, b: string): boolean {
  const [x, y] = [a, b].map((each) => (/^[+-]?\d+$/.test(each.trim()) ? BigInt(each.trim()) : Number(each)));
  return (
    x === y ||
    (typeof x === 'bigint' && typeof y === 'number' && Number.isInteger(y) && BigInt(y) === x) ||
    (typeof y === 'bigint' && typeof x === 'number' && Number.isInteger(x) && BigInt(x) === y)
  );
}

/** The promise of docs/migrations.md, over cells. `back` is what SQLite makes of a number as text. */
function isKept(was: string, is: string, from: string, to: string, back: string): boolean {
  if (was === 'NULL') return true;
  if (is === 'NULL') return false;
  const same = was === is || (isNumber(was) && isNumber(is) && sameNumber(was, is));
  let comes = false;
  if (!isNumber(was) && !isNumber(is)) comes = hexOf(was) === hexOf(is);
  else if (was.startsWith(`'`) && isNumber(is)) comes = textOf(was) === back;
  else if (isNumber(was) && is.startsWith(`'`))
    comes = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(textOf(is)) && sameNumber(was, textOf(is));
  if (!same && !comes) return false;
  if (from === to) return true;
  if (to === 'integer') return /^-?\d+$/.test(is);
  if (to === 'real') return isNumber(is);
  return to !== 'text' || is.startsWith(`'`);
}

function lossesOf(before: Dump, after: Dump, { follows, typesBefore, typesAfter }: Plan): readonly string[] {
  const keyOf = (row: Readonly<Record<string, string>>): string => row['id'] ?? '';
  const found = new Map(after.map((row) => [keyOf(row), row]));
  const gone = before.filter((row) => !found.has(keyOf(row)));
  const losses = gone.length === 0 ? [] : [`t (${gone.length})`];
  for (const [name, current] of follows) {
    const lost = before.filter((row) => {
      const was = row[name] ?? '';
      if (current === null) return was !== 'NULL';
      const now = found.get(keyOf(row));
      return (
        now !== undefined &&
        !isKept(
          was,
          now[current] ?? '',
          typesBefore.get(name) ?? '',
          typesAfter.get(current) ?? '',
          now[`${current} back`] ?? '',
        )
      );
    });
    if (lost.length > 0) losses.push(`t.${name} (${lost.length})`);
  }
  return losses.toSorted();
}

describe(`random migrations, seed ${seedOfRun}`, () => {
  test.each(Array.from({ length: rounds }, (_, index) => seedOfRun + index))('CC_SEED=%i', async (seed) => {
    const random = seededRandom(seed);
    const plan = planOf((limit) => random.below(limit));
    await using measured = await makeScratch();
    const opened = await measured.open();
    const told = lossesIn(await refusalOf(opened, measured.folder, plan)).toSorted();
    await using judged = await makeScratch();
    const free = await judged.open();
    await free.run(...plan.before.split('\n'));
    const before = await dump(free, 't', ['id', ...columns]);
    using lease = await free.transactions.getConnection();
    await lease.client.migrate(plan.up.split('\n'));
    lease.release();
    const kept = [...plan.follows.values()].filter((name) => name !== null);
    const texts = await free.rows(
      `SELECT ${["quote(id) || CASE typeof(id) WHEN 'text' THEN ' ' || hex(id) ELSE '' END AS id", ...kept.map((name) => `CAST("${name}" AS text) AS "${name} back"`)].join(', ')} FROM t`,
    );
    const after = (await dump(free, 't', ['id', ...kept])).map((row) => ({
      ...row,
      ...Object.fromEntries(
        Object.entries(texts.find(({ id }) => id === row['id']) ?? {}).map(([name, value]) => [name, String(value)]),
      ),
    }));
    expect({ up: plan.up, before: plan.before, losses: told }).toEqual({
      up: plan.up,
      before: plan.before,
      losses: lossesOf(before, after, plan),
    });
  });
});
