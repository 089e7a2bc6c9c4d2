// candy show, tag, untag and printed.
import { type Model, type ModelId, millimetersIn } from '@cc/schema';
import { nearestName } from '@cc/schema/validation';
import type { Library } from '../library.js';
import { NoSuchModel } from '../model-reference.js';
import type { Output } from '../output.js';
import { bytes, columns, count, didYouMean, visible } from '../terminal.js';

/** Shows everything about one model. */
export async function showCommand(library: Library, id: ModelId, output: Output): Promise<number> {
  const { models, metadata, tags } = library.repositories;
  const found = await library.transactions.read(async () => {
    const model = await models.read(id);
    return model && { ...model, tags: await tags.getTags(id), metadata: await metadata.getMetadata(id) };
  });
  if (!found) throw new NoSuchModel(`The model ${id} was removed.`);
  output.answer(found, () => {
    const { tags, metadata: values, fileStamp: _noteOfTheImport, ...model } = found;
    const facts = Object.entries({
      ...model,
      size: sizeOf(found),
      tags: tags.join(', ') || null,
      fileSize: bytes(model.fileSize),
    });
    const rows = [...facts, ...Object.entries(values)].filter(([, value]) => value !== null);
    return columns(rows.map(([name, value]) => [name, textOf(value)]));
  });
  return 0;
}

/** Puts tags on a model, or takes them off. */
export async function tagCommand(
  library: Library,
  id: ModelId,
  names: readonly string[],
  remove: boolean,
  output: Output,
): Promise<number> {
  const { models, tags } = library.repositories;
  const absent: string[] = [];
  const present = await library.transactions.transaction(async () => {
    if (!(await models.exists(id))) throw new NoSuchModel(`The model ${id} was removed.`);
    absent.length = 0;
    for (const name of names) {
      if (!remove) await tags.tag(id, name);
      else if (!(await tags.untag(id, name))) absent.push(name);
    }
    return tags.getTags(id);
  });
  for (const name of absent) output.note(`It had no tag ${visible(name)}.${didYouMean(nearestName(name, present))}`);
  output.answer({ id, tags: present }, () => [`Tags: ${present.length === 0 ? 'none' : present.join(', ')}`]);
  return 0;
}

/** Notes that a model was printed now. */
export async function printedCommand(library: Library, id: ModelId, output: Output): Promise<number> {
  const printedAt = new Date();
  if (!(await library.repositories.models.update(id, { printedAt })))
    throw new NoSuchModel(`The model ${id} was removed.`);
  output.answer({ id, printedAt }, () => [`Printed: ${printedAt.toISOString()}`]);
  return 0;
}

/** The sides of the box in millimetres, so that models in inches and metres compare; null when the file names no unit. */
function sizeOf({ unit, minX, minY, minZ, maxX, maxY, maxZ }: Model): string | null {
  if (unit === null || minX === null || minY === null || minZ === null) return null;
  if (maxX === null || maxY === null || maxZ === null) return null;
  const sides = [maxX - minX, maxY - minY, maxZ - minZ].map((side) => count(side * millimetersIn[unit]));
  return `${sides.join(' × ')} mm`;
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
