// Every contender of the suite `peers` behind one interface: the peers on the plain schema (peers/contract.ts), ours and the
// hand-written one on our schema. What each returns is brought to the columns that both schemas have.

import type { ModelFormat } from '@cc/schema';
import type { ConnectionDurability } from '../harness/suite.js';
import type { Peer, PlainModel } from '../peers/contract.js';
import type { Awaitable, ConcurrentOperations, Contender, ModelView, NewModel, Values } from './contender.js';
import { writtenAt } from './contender.js';
import { openContender } from './open.js';

/** A page; `items` are compared by `comparablePage`. */
export interface MeasuredPage {
  readonly items: readonly { readonly model: ModelView; readonly metadata: Values; readonly tags: readonly string[] }[];
  /** Whatever the same contender takes to go on. */
  readonly end: unknown;
}

/** The operations of the suite. */
export interface MeasuredPeer {
  create(item: NewModel): Awaitable<'created' | 'duplicate'>;
  read(id: string): Awaitable<ModelView | null>;
  setAndReadMetadata(id: string, values: Values): Awaitable<Values>;
  /** Returns the 20 best models with all words, the last one as a beginning. */
  search(words: readonly string[], format: ModelFormat): Awaitable<readonly ModelView[]>;
  page(after: unknown): Awaitable<MeasuredPage>;
  count(format: ModelFormat): Awaitable<number>;
  createMany(items: readonly NewModel[]): Awaitable<unknown>;
  readonly concurrent: ConcurrentOperations;
  /** Why nothing can be awaited inside a transaction; absent where it can. */
  readonly cannotWait?: string | undefined;
  durability(): Promise<readonly ConnectionDurability[]>;
  settle(): Awaitable<void>;
  close(): Awaitable<void>;
}

/** Those on our schema, by the names that open.ts knows. */
const onOurSchema: Readonly<Record<string, string>> = {
  'libsql by hand, our schema': 'raw',
  ours: 'ours',
  'ours, queries built anew': 'ours',
  'ours with cache': 'ours with cache',
};

/** Whether the contender works on our schema. */
export function isOnOurSchema(name: string): boolean {
  return name in onOurSchema;
}

/** Opens the contender; a peer comes from its own workspace, which must be built. */
export async function openMeasuredPeer(name: string, path: string): Promise<MeasuredPeer> {
  const known = onOurSchema[name];
  if (known !== undefined) return ofOurSchema(await openContender(known, path), name === 'ours, queries built anew');
  const built = new URL('../peers/dist/open.js', import.meta.url);
  // Built from peers/open.ts before the suite runs.
  const peers = (await import(built.href)) as { openPeer(name: string, path: string): Promise<Peer> };
  return ofPlainSchema(await peers.openPeer(name, path));
}

/** The same calls, with a query that is built anew for each, as the peers build theirs. */
function builtAnew(operations: ConcurrentOperations): ConcurrentOperations {
  return {
    ...operations,
    increment: (id, otherId, pause) =>
      operations.incrementUnprepared?.(id, otherId, pause) ?? operations.increment(id, otherId, pause),
  };
}

function ofOurSchema(contender: Contender, isBuiltAnew: boolean): MeasuredPeer {
  const { library, concurrent } = contender;
  const count = library.count?.bind(library);
  if (count === undefined) throw new TypeError('this contender does not count');
  return {
    create: (item) => library.create(item),
    read: (id) => library.read(id),
    setAndReadMetadata: (id, values) => library.setAndReadMetadata(id, values),
    search: async (words, format) => (await library.search(words, format)).models,
    page: (after) => library.page(after),
    count,
    createMany: (items) => library.createMany(items, 'reject'),
    concurrent: isBuiltAnew ? builtAnew(concurrent) : concurrent,
    durability: () => contender.durability(),
    settle: () => contender.settle(),
    close: () => contender.close(),
  };
}

function ofPlainSchema(peer: Peer): MeasuredPeer {
  return {
    create: (item) => peer.create(plainModel(item)),
    read: (id) => peer.read(id),
    async setAndReadMetadata(id, values) {
      await peer.setMetadata(id, encoded(values));
      return decoded(await peer.readMetadata(id));
    },
    search: (words, format) => peer.search(`${words.map((word) => `"${word}"`).join(' AND ')} *`, format),
    async page(after) {
      // What the page before returned as its end.
      const items = await peer.page(after as { readonly createdAt: number; readonly id: string } | null);
      const last = items.at(-1)?.model;
      return {
        items: items.map(({ model, metadata, tags }) => ({ model, metadata: decoded(metadata), tags })),
        end: last && { createdAt: last.createdAt, id: last.id },
      };
    },
    count: (format) => peer.count(format),
    createMany: (items) =>
      peer.createMany(items.map((item) => ({ model: plainModel(item), metadata: encoded(item.metadata) }))),
    concurrent: peer,
    cannotWait: peer.cannotWait,
    async durability() {
      const found: ConnectionDurability[] = [];
      for (const connection of ['outside', 'inside'] as const) {
        const journalMode = String(await peer.pragma('journal_mode', connection));
        found.push({ connection, journalMode, synchronous: Number(await peer.pragma('synchronous', connection)) });
      }
      return found;
    },
    settle: () => peer.settle(),
    close: () => peer.close(),
  };
}

/** The twelve columns of a model of the catalogue. */
export function plainModel({ model }: Pick<NewModel, 'model'>): PlainModel {
  return {
    id: model.id,
    name: model.name,
    description: model.description ?? null,
    format: model.format,
    filePath: model.filePath,
    fileHash: model.fileHash,
    fileSize: model.fileSize,
    author: model.author ?? null,
    triangles: model.triangles ?? null,
    vertices: model.vertices ?? null,
    createdAt: model.createdAt.getTime(),
    updatedAt: writtenAt.getTime(),
  };
}

/** Each value as a JSON text. */
export function encoded(values: Values): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const key in values) texts[key] = JSON.stringify(values[key]);
  return texts;
}

function decoded(texts: Readonly<Record<string, string>>): Values {
  const values: Record<string, Values[string]> = {};
  // Written by `encoded`.
  for (const key in texts) values[key] = JSON.parse(texts[key] ?? 'null') as Values[string];
  return values;
}

const compared = [
  'id',
  'name',
  'description',
  'format',
  'filePath',
  'fileHash',
  'fileSize',
  'author',
  'triangles',
  'vertices',
  'createdAt',
  'updatedAt',
] as const;

/** Returns what both schemas know of a model. */
export function comparableModel(model: ModelView | null): unknown {
  if (model === null) return null;
  // Whatever a contender returns has these keys; a Date counts as its milliseconds, also where a text is made of it.
  const row = model as ModelView & Partial<Record<(typeof compared)[number], unknown>>;
  return compared.map((key) => {
    const value = row[key] ?? null;
    return value instanceof Date ? value.getTime() : value;
  });
}
