// A catalogue of any size from a smaller one: copies with ids, hashes, paths, dates and numbered names of their own, and the
// tags of their source, so that words and tags stay as common as they were.
import { seededRandom } from '@cc/testkit/random';
import { type CatalogueModel, hashOf, idOf } from './row.js';

/** Yields `size` models: those of `models` first, then their copies, one of each in every round. The same in every run. */
export function* expandCatalogue(models: readonly CatalogueModel[], size: number): Generator<CatalogueModel> {
  const random = seededRandom(11);
  for (let i = 0; i < size; i += 1) {
    const source = models[i % models.length];
    if (source === undefined) return;
    const round = Math.floor(i / models.length);
    yield round === 0 ? source : copyOf(source, i, round, random.whole(0, daysOfCopies));
  }
}

/** Copies are up to ten years younger than their source. */
const daysOfCopies = 3_650;

function copyOf({ model, metadata, tags }: CatalogueModel, index: number, round: number, days: number): CatalogueModel {
  const dot = model.fileName.lastIndexOf('.');
  const [stem, extension] = dot < 1 ? [model.fileName, ''] : [model.fileName.slice(0, dot), model.fileName.slice(dot)];
  const filePath = `copies/${round}/${model.filePath}`;
  return {
    model: {
      ...model,
      id: idOf(index),
      name: `${model.name} ${round}`,
      fileName: `${stem}_${round}${extension}`,
      filePath,
      fileHash: hashOf(filePath),
      createdAt: new Date(model.createdAt.getTime() + days * 86_400_000),
    },
    metadata,
    tags,
  };
}
