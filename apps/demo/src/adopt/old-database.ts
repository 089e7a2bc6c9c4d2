// Reads the copy of an old database in the order of its rows. What it holds is first set down in two tables of the copy, with
// numbers of their own: any column may be missing, unindexed, of any type, or the key of a table without rowids.
import { pathToFileURL } from 'node:url';
import { isDatabaseError, openTransactionManager, type TransactionManager } from '@cc/tx';
import { visible } from '../terminal.js';
import { type Cell, cellColumns, type Encoding, readCell } from './cell.js';
import { modelColumns, snakeCase, valueColumns } from './old-columns.js';
import { NotAdoptable } from './old-file.js';

/** A row: its number in the order of the table, and its values by their columns. */
export interface OldRow {
  readonly number: number;
  readonly cells: ReadonlyMap<string, Cell | null>;
}

/** A model with the rows of metadata that name it. */
export interface OldModel extends OldRow {
  readonly values: readonly OldRow[];
}

/** A table, or a column of one, that stays where it is. */
export interface LeftTable {
  readonly table: string;
  /** Null for the whole table. */
  readonly column: string | null;
  /** Rows of the table, or those that have something in the column. */
  readonly rows: number;
}

/** An old database. */
export interface OldDatabase extends AsyncDisposable {
  /** The columns of `models`, and those of `model_metadata`; none when there is no such table. */
  readonly columns: { readonly models: readonly string[]; readonly values: readonly string[] };
  readonly models: number;
  readonly values: number;
  readonly left: readonly LeftTable[];
  /** The models in their order, `size` at a time. */
  batches(size: number): AsyncIterable<readonly OldModel[]>;
  /** The rows of metadata that name no model. */
  orphans(size: number): AsyncIterable<readonly OldRow[]>;
}

/** Opens the copy at `path`. @throws NotAdoptable when it is damaged, has no table `models`, or is a library of this program */
export async function openOldDatabase(path: string): Promise<OldDatabase> {
  const transactions = await openTransactionManager({ url: pathToFileURL(path).href });
  try {
    return await read(transactions);
  } catch (error) {
    await transactions.close();
    throw isDatabaseError(error) && error.type === 'integrity' ? damaged('It', error) : error;
  }
}

async function read(transactions: TransactionManager): Promise<OldDatabase> {
  const query = async (sql: string, args: (number | string)[] = []) =>
    (await transactions.db.$client.execute({ sql, args })).rows;
  const tables = await query(
    `select name, sql like 'create virtual%', type from sqlite_schema where type in ('table', 'view') and name not like 'sqlite~_%' escape '~' order by name`,
  );
  const tableNamed = (wanted: string): string | null =>
    tables.map(({ name }) => String(name)).find((name) => name.toLowerCase() === wanted) ?? null;
  const columnsOf = async (table: string | null): Promise<readonly string[]> =>
    table === null
      ? []
      : (await query('select name from pragma_table_info(?)', [table])).map(({ name }) => String(name));

  const models = tableNamed('models');
  if (models === null) {
    const all = tables.map(({ name }) => visible(String(name))).join(', ');
    throw new NotAdoptable(
      `It has no table models, so it is no database of Candy-Cadence. Its tables: ${all || 'none'}.`,
    );
  }
  const values = tableNamed('model_metadata');
  const columns = { models: await columnsOf(models), values: await columnsOf(values) };
  if (columns.models.includes('seq') && columns.models.includes('search_extra')) {
    throw new NotAdoptable('It is a library of this program already: open it with --url, or see `candy copy`.');
  }
  for (const row of tables) {
    const table = String(row[0]);
    if (row[2] === 'table' && [models, values].includes(table)) await requireSound(query, table);
  }

  const encoding = String((await query('pragma encoding'))[0]?.[0]) as Encoding;
  await setDown(query, { models, values }, columns);
  const counted = async (from: string): Promise<number> =>
    Number((await query(`select count(*) from ${from}`))[0]?.[0]);
  const left: LeftTable[] = [];
  for (const table of leftTables(
    tables.filter((row) => row[2] === 'table').map((row) => ({ name: String(row[0]), isVirtual: row[1] === 1 })),
    [models, values],
  )) {
    left.push({ table, column: null, rows: await counted(quoted(table)) });
  }

  const named = valueColumns(columns.values);
  if (values !== null && named.of.has('key')) {
    // When a value was written, say: metadata here has no place for it. The number of the row means nothing elsewhere.
    for (const column of named.rest.filter((name) => snakeCase(name) !== 'id')) {
      const rows = await counted(`${quoted(values)} where ${quoted(column)} is not null`);
      if (rows > 0) left.push({ table: values, column, rows });
    }
  }

  const page = async (
    from: string,
    order: string,
    names: readonly string[],
    args: number[],
  ): Promise<readonly Numbered[]> =>
    (await query(`select * from ${from} order by ${order}`, args)).map((row) => ({
      model: row[1] === null ? null : Number(row[1]),
      number: Number(row[0]),
      cells: new Map(names.map((name, i) => [name, readCell(row[2 + 2 * i], row[3 + 2 * i], encoding)])),
    }));
  return {
    columns,
    models: await counted(own.models),
    values: values === null ? 0 : await counted(own.values),
    left,
    async *batches(size) {
      for (let last = 0; ; ) {
        const rows = await page(`${own.models} where number > ? `, `number limit ${size}`, columns.models, [last]);
        const end = rows.at(-1)?.number;
        if (end === undefined) return;
        const of = new Map<number | null, OldRow[]>(rows.map(({ number }) => [number, []]));
        const ofThese = `${own.values} where model > ? and model <= ?`;
        const found = values === null ? [] : await page(ofThese, 'number', columns.values, [last, end]);
        for (const row of found) of.get(row.model)?.push(row);
        yield rows.map(({ number, cells }) => ({ number, cells, values: of.get(number) ?? [] }));
        last = end;
      }
    },
    async *orphans(size) {
      if (values === null) return;
      for (let last = 0; ; ) {
        const rows = await page(
          `${own.values} where model is null and number > ?`,
          `number limit ${size}`,
          columns.values,
          [last],
        );
        yield rows;
        const end = rows.at(-1)?.number;
        if (end === undefined || rows.length < size) return;
        last = end;
      }
    },
    [Symbol.asyncDispose]: () => transactions.close(),
  };
}

type Query = (sql: string, args?: (number | string)[]) => Promise<readonly Record<number | string, unknown>[]>;

interface Numbered extends OldRow {
  readonly model: number | null;
}

/** What is set down in the copy, under names that no program uses. */
const own = { models: '"candy adopts: models"', ids: '"candy adopts: ids"', values: '"candy adopts: values"' };

/** Only the two tables: the full-text index is known to be broken, and is made anew. */
async function requireSound(query: Query, table: string): Promise<void> {
  const found = await query(`pragma quick_check(${quoted(table)})`);
  if (found.length === 1 && Object.values(found[0] ?? {}).includes('ok')) return;
  throw damaged(`Its table ${visible(table)}`);
}

function damaged(what: string, cause?: unknown): NotAdoptable {
  return new NotAdoptable(
    `${what} is damaged. Save what can be read with \`sqlite3 old.db .recover | sqlite3 recovered.db\`, and adopt that.`,
    { cause },
  );
}

async function setDown(
  query: Query,
  { models, values }: { readonly models: string; readonly values: string | null },
  columns: OldDatabase['columns'],
): Promise<void> {
  const cells = (names: readonly string[]): string =>
    names.map((name) => `, ${cellColumns(`x.${quoted(name)}`)}`).join('');
  const cellNames = (names: readonly string[]): string => names.map((_, i) => `, t${i}, v${i}`).join('');
  const { of } = modelColumns(columns.models);
  await query(`create table ${own.models} (number integer primary key, model integer${cellNames(columns.models)})`);
  await query(`insert into ${own.models} select null, null${cells(columns.models)} from ${quoted(models)} x`);
  if (values === null) return;
  // An id is compared as a text, in whatever type each of the two tables keeps it. Nobody reads it from here: a text that is no
  // UTF-8 ends the process in the driver.
  const [id, modelId] = [columns.models.indexOf(of.get('id') ?? ''), valueColumns(columns.values).of.get('modelId')];
  await query(`create table ${own.ids} (id, number integer)`);
  if (id >= 0) await query(`insert into ${own.ids} select cast(v${id} as text), number from ${own.models}`);
  await query(`create index "candy adopts: by id" on ${own.ids} (id, number)`);
  const model =
    modelId === undefined
      ? 'null'
      : `(select min(number) from ${own.ids} where id = cast(x.${quoted(modelId)} as text))`;
  await query(`create table ${own.values} (number integer primary key, model integer${cellNames(columns.values)})`);
  await query(`insert into ${own.values} select null, ${model}${cells(columns.values)} from ${quoted(values)} x`);
  await query(`create index "candy adopts: of models" on ${own.values} (model)`);
}

/** The tables that nothing is taken from; those of full-text indexes hold nothing of their own. */
function leftTables(
  tables: readonly { readonly name: string; readonly isVirtual: boolean }[],
  taken: readonly (string | null)[],
): readonly string[] {
  const virtual = tables.filter(({ isVirtual }) => isVirtual).map(({ name }) => name);
  return tables
    .map(({ name }) => name)
    .filter(
      (name) => !taken.includes(name) && !virtual.some((index) => name === index || name.startsWith(`${index}_`)),
    );
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
