// The writes that ../random-operations.mjs does not have: those whose answers the cache may know by other ways.
import type { ModelId } from '@cc/schema';
import type { MetadataRecord, Repositories } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import type { Step } from '../random-operations.mjs';

/** Ids of models that are asked for before they are there, and after. */
export const expectedIds = Array.from({ length: 4 }, (_, i) => `0189a000-0000-7000-8000-00000000000${i}` as ModelId);

/** What further writes there are. */
export const furtherKinds = [
  ...['createExpected', 'manyExpected', 'deleteExpected', 'conflict', 'wide', 'add', 'set', 'nothing'],
  ...['searchTag', 'unsave', 'makeCollection', 'moveCollection', 'fillCollection', 'emptyCollection', 'refused'],
];

/** Does what `step` says; what is refused as it has to be is no error. */
export async function applyFurther(all: Repositories, step: Step, id: ModelId | undefined): Promise<void> {
  await unlessRefused(async () => writes(all, step, id)[step.kind]?.());
}

/** Awaits a write that may be refused: what it is about may have gone, or come, meanwhile. */
export async function unlessRefused(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
    if (typeof code !== 'string' || !refusals.test(code)) throw error;
  }
}

const refusals = /^(DUPLICATE_|MODEL_NOT_FOUND|COLLECTION_|VERSION_CONFLICT)/;

function writes(
  { models, metadata, search, collections }: Repositories,
  { at, word, n }: Step,
  id: ModelId | undefined,
): Readonly<Record<string, () => Promise<unknown>>> {
  const expected = expectedIds[at % expectedIds.length] ?? expectedIds[0];
  if (expected === undefined) throw new Error('no ids');
  const target = id ?? expected;
  const wide: Record<string, number> = {};
  for (let i = 0; i < 150; i += 1) wide[`key${i}`] = at;
  const record: MetadataRecord = Object.fromEntries([[at % 2 === 0 ? 'key1' : '__proto__', word]]);
  const collection = async (place: number): Promise<string | undefined> => {
    const top = await collections.list();
    const inner = top[0] === undefined ? [] : await collections.list(top[0].id);
    return [...top, ...inner][place % Math.max(1, top.length + inner.length)]?.id;
  };
  const item = { model: modelInput(`${word} ${n}`, { id: expected }), metadata: record, tags: [`${word} ${at % 4}`] };
  return {
    createExpected: () => models.create(item.model),
    manyExpected: () => models.createMany([item, { model: modelInput(`many ${n}`) }], { onConflict: 'skip' }),
    deleteExpected: () => models.delete(expected),
    conflict: () => models.update(target, { rating: at % 6 }, { ifVersion: 1 + (at % 3) }),
    wide: () => metadata.updateMetadata(target, wide),
    add: () => metadata.addMetadata(target, record),
    set: () => metadata.setMetadataValue(target, 'key2', at),
    nothing: () => models.update(target, {}),
    searchTag: () => search.tag(target, `${word} ${at % 4}`),
    unsave: () => search.deleteSavedSearch(`search ${at % 3}`),
    makeCollection: async () =>
      collections.create({ name: `c ${at % 5}`, parentId: at % 2 === 0 ? null : ((await collection(at)) ?? null) }),
    moveCollection: async () =>
      collections.update((await collection(at)) ?? 'none', {
        name: `moved ${at % 3}`,
        parentId: at % 2 === 0 ? null : ((await collection(at + 1)) ?? null),
      }),
    fillCollection: async () => collections.addModels((await collection(at)) ?? 'none', [target]),
    emptyCollection: async () => collections.removeModels((await collection(at)) ?? 'none', [target]),
    refused: async () => models.createMany([item, { model: { ...item.model, fileHash: `other ${n}` } }]),
  };
}
