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
    const { minX, minY, minZ, maxX, maxY, maxZ, volume, ...plain } = model;
    const facts = Object.entries({
      ...plain,
      favorite: model.favorite ? 'yes' : null,
      size: sizeOf(found),
      lowest: cornerOf([minX, minY, minZ], model.unit),
      highest: cornerOf([maxX, maxY, maxZ], model.unit),
      volume: volume === null ? null : volumeOf(volume, model.unit),
      tags: tags.join(', ') || null,
      fileSize: bytes(model.fileSize),
    });
    const rows = [
      ...facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, typeof value === 'number' ? count(value) : value] as const),
      // What its owner wrote is shown as it was written, null too.
      ...Object.entries(values),
    ];
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
  output.answer({ id, tags: present }, () => [
    `Tags: ${present.length === 0 ? 'none' : present.map(visible).join(', ')}`,
  ]);
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

/** The sides of the box, in millimetres where the file names a unit, so that models in inches and metres compare. */
function sizeOf({ unit, minX, minY, minZ, maxX, maxY, maxZ }: Model): string | null {
  if (minX === null || minY === null || minZ === null) return null;
  if (maxX === null || maxY === null || maxZ === null) return null;
  const sides = [maxX - minX, maxY - minY, maxZ - minZ].map((side) => figure(side * scaleOf(unit)));
  return `${sides.join(' × ')} ${unit === null ? unnamed : 'mm'}`;
}

function cornerOf(corner: readonly (number | null)[], unit: Model['unit']): string | null {
  const shown = corner.flatMap((at) => (at === null ? [] : [figure(at * scaleOf(unit))]));
  return shown.length < corner.length ? null : `${shown.join(', ')}${unit === null ? '' : ' mm'}`;
}

function volumeOf(volume: number, unit: Model['unit']): string {
  if (unit === null) return `${figure(volume)} ${unnamed}`;
  const mm3 = volume * scaleOf(unit) ** 3;
  return mm3 < 1000 ? `${figure(mm3)} mm³` : `${figure(mm3 / 1000)} cm³`;
}

const unnamed = '(the file names no unit)';

function scaleOf(unit: Model['unit']): number {
  return unit === null ? 1 : millimetersIn[unit];
}

/** Four digits and more where the number is large, so that neither a grain nor a house becomes 0 or a row of digits. */
function figure(value: number): string {
  if (Math.abs(value) >= 1e15 || (value !== 0 && Math.abs(value) < 1e-4)) return value.toExponential(3);
  return Math.abs(value) < 100 ? String(Number(value.toPrecision(4))) : count(value);
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
