// What a model is after an edit, before the server has said so.
import type { Edit, ModelDetail } from '../../src/serve/contract.js';

/** The model with the edit applied. */
export function optimistic(model: ModelDetail, change: Omit<Edit, 'id' | 'ifVersion'>): ModelDetail {
  const { set, tags, metadata, collections } = change;
  const taken = new Set(metadata?.remove);
  const written = Object.entries(metadata?.set ?? {});
  return {
    ...model,
    ...(set as Partial<ModelDetail> | undefined),
    tags: [...model.tags.filter((tag) => !tags?.remove?.includes(tag)), ...(tags?.add ?? [])],
    metadata: [
      ...model.metadata.filter(({ key }) => !taken.has(key) && !written.some(([each]) => each === key)),
      ...written.map(([key, value]) => ({ key, value, type: typeOf(value) })),
    ].sort((a, b) => (a.key < b.key ? -1 : 1)),
    collections: model.collections.filter(({ id }) => !collections?.remove?.includes(id)),
  };
}

function typeOf(value: unknown): ModelDetail['metadata'][number]['type'] {
  if (value === null) return 'null';
  const type = typeof value;
  return type === 'number' || type === 'boolean' ? type : type === 'string' ? 'text' : 'json';
}
