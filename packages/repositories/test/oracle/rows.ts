// The rows of a library, read by plain SQL: what the oracle judges by.
import type { Library } from '../open-library.js';

/** A metadata value by its type; JSON only tells that it is there. */
export type RowValue = string | number | boolean | null | { readonly json: string };

/** A model with what belongs to it. Times are epoch milliseconds. */
export interface Row {
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly format: string;
  readonly fileName: string;
  readonly filePath: string;
  readonly fileHash: string;
  readonly fileSize: number;
  readonly author: string | null;
  readonly license: string | null;
  readonly parseStatus: string;
  readonly triangles: number | null;
  readonly rating: number | null;
  readonly favorite: boolean;
  readonly printedAt: number | null;
  /** The sides of the box along x, y and z, in `unit`. */
  readonly sides: readonly number[] | null;
  readonly unit: string | null;
  readonly volume: number | null;
  readonly status: string;
  readonly createdAt: number;
  readonly version: number;
  /** Names in the order of their keys. */
  readonly tags: readonly string[];
  readonly metadata: ReadonlyMap<string, RowValue>;
  /** Ids of those that it lies in, and of those around them. */
  readonly collections: ReadonlySet<string>;
}

/** A collection with the models that lie in it, by their places. */
export interface RowOfCollection {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly models: readonly number[];
}

/** Everything that questions are asked about. */
export interface Rows {
  /** In the order in which they were added. */
  readonly models: readonly Row[];
  readonly collections: readonly RowOfCollection[];
  readonly byId: ReadonlyMap<string, Row>;
}

/** Returns all rows of a library. */
export async function readRows(library: Library): Promise<Rows> {
  using lease = await library.transactions.getConnection();
  const read = async (sql: string) => (await lease.client.execute(sql)).rows;
  const tags = listsOf(
    await read('select model_seq, name from model_tags join tags on tags.id = tag_id order by tags.key'),
    ({ name }) => String(name),
  );
  const metadata = listsOf(await read('select * from model_metadata'), (row): readonly [string, RowValue] => [
    String(row['metadata_key']),
    valueOf(row),
  ]);
  const places = new Map<string, number[]>();
  for (const row of await read('select * from collection_models order by position, model_seq')) {
    const id = String(row['collection_id']);
    places.set(id, [...(places.get(id) ?? []), Number(row['model_seq'])]);
  }
  const collections = (await read('select * from collections order by id')).map((row) => ({
    id: String(row['id']),
    parentId: text(row['parent_id']),
    name: String(row['name']),
    models: places.get(String(row['id'])) ?? [],
  }));
  const around = (seq: number): ReadonlySet<string> => {
    const ids = new Set(collections.filter(({ models: inside }) => inside.includes(seq)).map(({ id }) => id));
    // A set is walked to what is added on the way.
    for (const id of ids) {
      const parentId = collections.find((one) => one.id === id)?.parentId;
      if (parentId != null) ids.add(parentId);
    }
    return ids;
  };
  const models = (await read('select * from models order by seq')).map((row): Row => {
    const seq = Number(row['seq']);
    return {
      seq,
      id: String(row['id']),
      name: String(row['name']),
      description: text(row['description']),
      format: String(row['format']),
      fileName: String(row['file_name']),
      filePath: String(row['file_path']),
      fileHash: String(row['file_hash']),
      fileSize: Number(row['file_size']),
      author: text(row['author']),
      license: text(row['license']),
      parseStatus: String(row['parse_status']),
      triangles: number(row['triangles']),
      rating: number(row['rating']),
      favorite: Number(row['favorite']) === 1,
      printedAt: number(row['printed_at']),
      sides:
        row['min_x'] === null
          ? null
          : ['x', 'y', 'z'].map((axis) => Number(row[`max_${axis}`]) - Number(row[`min_${axis}`])),
      unit: text(row['unit']),
      volume: number(row['volume']),
      status: String(row['status']),
      createdAt: Number(row['created_at']),
      version: Number(row['version']),
      tags: tags.get(seq) ?? [],
      metadata: new Map(metadata.get(seq)),
      collections: around(seq),
    };
  });
  return { models, collections, byId: new Map(models.map((model) => [model.id, model])) };
}

type PlainRow = Readonly<Record<string, unknown>>;

function listsOf<T>(rows: readonly PlainRow[], of: (row: PlainRow) => T): ReadonlyMap<number, readonly T[]> {
  const lists = new Map<number, T[]>();
  for (const row of rows) {
    const seq = Number(row['model_seq']);
    const list = lists.get(seq);
    if (list === undefined) lists.set(seq, [of(row)]);
    else list.push(of(row));
  }
  return lists;
}

function valueOf(row: PlainRow): RowValue {
  if (row['value_type'] === 'text') return String(row['value_text']);
  if (row['value_type'] === 'number') return Number(row['value_number']);
  if (row['value_type'] === 'boolean') return Number(row['value_number']) === 1;
  return row['value_type'] === 'null' ? null : { json: String(row['value_text']) };
}

function text(cell: unknown): string | null {
  return cell === null ? null : String(cell);
}

function number(cell: unknown): number | null {
  return cell === null ? null : Number(cell);
}
