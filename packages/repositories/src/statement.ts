// Prepared drizzle queries: built once, by shape where they have many, and executed many times.
import { performance } from 'node:perf_hooks';
import { isDatabaseError } from '@cc/tx/errors';
import { giveTurn, nextTurn } from '@cc/tx/event-loop';
import { is, Placeholder, type SQL, sql } from 'drizzle-orm';

/** Values of the placeholders, by name. */
export type Values = Record<string, unknown>;

/** A value as it is bound. */
export type BoundCell = string | number | null;

/** What runs a statement whose values are bound already; it joins the transaction of the calling context. */
export interface StatementClient {
  execute(statement: BoundStatement): Promise<BoundResult>;
  /** All or none, in one round trip where there is a server. */
  batch(statements: BoundStatement[], mode: 'write'): Promise<readonly BoundResult[]>;
}

/** What such a statement answers. */
export interface BoundResult {
  readonly rows: readonly Cells[];
  readonly rowsAffected: number;
}

/** A statement with its values. */
export interface BoundStatement {
  readonly sql: string;
  readonly args: BoundCell[];
}

/** A statement that drizzle built, with all of its values given at once in their order. */
export interface Direct {
  run(values: BoundCell[]): Promise<BoundResult>;
  /** The statement with its values, for those that run together. */
  bind(values: BoundCell[]): BoundStatement;
}

/**
 * Returns the statement of a drizzle query whose values are the placeholders '0', '1' and so on. They go to the database as they
 * are: drizzle's look-up of each placeholder costs as much as binding it, which counts in statements of hundreds of values.
 */
export function direct(client: StatementClient, query: Built): Direct {
  const { sql: text, params } = query.toSQL();
  const isInOrder = params.every((param, i) => placeOf(param) === i);
  return boundBy(client, (values) => ({
    sql: text,
    args: isInOrder ? values : params.map((param) => valueOf(param, values)),
  }));
}

/**
 * Returns the insert of `size` rows, made of the one of a single row, whose values are in order: drizzle takes half a
 * millisecond for each row of a wide table.
 */
export function directRows(client: StatementClient, query: Built, size: number): Direct {
  const { sql: text, params } = query.toSQL();
  const [head, row, ...rest] = text.split(' values ');
  if (row === undefined || rest.length > 0) throw new TypeError('one list of values is expected');
  params.forEach((param, i) => {
    if (placeOf(param) !== i) throw new TypeError(`value ${i} is out of order`);
  });
  const rows = `${head} values ${Array.from({ length: size }, () => row).join(', ')}`;
  return boundBy(client, (values) => ({ sql: rows, args: values }));
}

function boundBy(client: StatementClient, bind: Direct['bind']): Direct {
  return { bind, run: (values) => client.execute(bind(values)) };
}

/** What drizzle has built. */
interface Built {
  toSQL(): { readonly sql: string; readonly params: readonly unknown[] };
}

/** Which of the values a parameter stands for; undefined for one that is a value itself. */
function placeOf(param: unknown): number | undefined {
  return is(param, Placeholder) ? Number(param.name) : undefined;
}

function valueOf(param: unknown, values: readonly BoundCell[]): BoundCell {
  const place = placeOf(param);
  // Drizzle has encoded what stands in the query itself.
  if (place === undefined) return param as BoundCell;
  const value = values[place];
  if (value === undefined) throw new TypeError(`value ${place} is missing`);
  return value;
}

/** Returns the placeholder of the value at `position`. */
export function placeholderAt(position: number): SQL {
  // Within `sql` values are bound as they are; drizzle's own encoding of a placeholder fails for a null date.
  return sql`${sql.placeholder(String(position))}`;
}

/** What drizzle's `prepare()` returns, as far as it is used here. Wherever it runs, it joins the transaction of the calling context. */
export interface Statement<All, One, Run> {
  all(values?: Values): Promise<All>;
  get(values?: Values): Promise<One>;
  run(values?: Values): Promise<Run>;
  values(values?: Values): Promise<unknown>;
}

/** One row as the database returned it: numbers, strings and nulls. */
export type Cells = ArrayLike<unknown>;

/** Returns the rows as arrays in the order of the selection, not decoded. */
export function cellsOf(
  statement: Pick<Statement<unknown, unknown, unknown>, 'values'>,
  values?: Values,
): Promise<readonly Cells[]> {
  // drizzle types `values()` loosely; every driver returns a list of rows that can be indexed.
  return statement.values(values) as Promise<readonly Cells[]>;
}

/** Calls `each` with every row: what any number of rows are made into keeps the event loop no longer than a few do. */
export async function inTurns(rows: readonly Cells[], each: (cells: Cells) => void): Promise<void> {
  for (const cells of rows) {
    each(cells);
    if (nextTurn(performance.now())) await giveTurn();
  }
}

/** Calls `each` with up to `size` items after another, and gives the event loop its turns between them. */
export async function inSlices<T>(
  items: readonly T[],
  size: number,
  each: (slice: readonly T[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += size) {
    await each(items.slice(start, start + size));
    if (start + size < items.length && nextTurn(performance.now())) await giveTurn();
  }
}

/**
 * Asks for `most` rows, or for half as many as often as the answer is larger than the server sends. Returns the answer, and how
 * many rows were asked for.
 */
export async function asManyAsFit<T>(
  most: number,
  ask: (rows: number) => Promise<T>,
): Promise<{ readonly answer: T; readonly asked: number }> {
  for (let asked = most; ; asked = Math.ceil(asked / 2)) {
    try {
      return { answer: await ask(asked), asked };
    } catch (error) {
      if (asked === 1 || !isTooLarge(error)) throw error;
    }
  }
}

/** Whether an answer is larger than the server sends. */
export function isTooLarge(error: unknown): boolean {
  return isDatabaseError(error) && error.code === 'RESPONSE_TOO_LARGE';
}

/** Calls `read` with all of `ids`, or with parts of them where the answer is larger than the server sends, and `each` with every row. */
export async function readByIds(
  ids: readonly (string | number)[],
  read: (ids: string) => Promise<readonly Cells[]>,
  each: (cells: Cells) => void,
): Promise<void> {
  for (let [start, size] = [0, ids.length]; start < ids.length; start += size) {
    const from = start;
    const { answer, asked } = await asManyAsFit(size, (count) => read(JSON.stringify(ids.slice(from, from + count))));
    size = asked;
    await inTurns(answer, each);
  }
}

/** How many shapes of one query are kept prepared: building one costs as much as running it. */
const maxShapes = 256;

/** Returns a function that builds the value of a shape once and keeps the most recently used ones. */
export function byShape<T>(): (shape: string, build: () => T) => T {
  const kept = new Map<string, T>();
  return (shape, build) => {
    let value = kept.get(shape);
    if (value === undefined) {
      value = build();
      const oldest = kept.size < maxShapes ? undefined : kept.keys().next().value;
      if (oldest !== undefined) kept.delete(oldest);
    } else {
      kept.delete(shape);
    }
    kept.set(shape, value);
    return value;
  };
}
