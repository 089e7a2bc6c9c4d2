// Turns a model of the old database, with its metadata, into one of the library. Nothing is thrown away in silence: what has no
// field goes among the metadata under the name of its column, and what cannot be kept is told.
import { createHash } from 'node:crypto';
import { basename, extname, normalize, resolve, win32 } from 'node:path';
import { type MetadataValue, type ModelFormat, type ModelStatus, modelFormats, modelStatuses } from '@cc/schema';
import { type ModelInput, parseModelInput, tagKey, textLimits } from '@cc/schema/validation';
import { nameOf } from '../importing/model-input.js';
import { Extras, Fields } from './fields.js';
import { type Columns, type ModelRole, type ValueRole } from './old-columns.js';
import type { OldModel } from './old-database.js';
import { tagsOf } from './old-tags.js';
import { type Refusal, type Remark, type RemarkList, remarksOn } from './remarks.js';
import { readValues } from './values.js';

/** The keys of metadata that say where a model is from. */
export const adoptedKeys = { id: 'adopted_id', path: 'adopted_path' } as const;

/** An old model as the library takes it. */
export interface Translated {
  readonly model: ModelInput & { readonly createdAt: Date };
  /** Whether somebody gave it this name: else it is that of its file. */
  readonly isNamed: boolean;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, MetadataValue>>;
  /** Rows of metadata of which something was taken. */
  readonly values: number;
}

/** What is the same for all models of a file. */
export interface TranslateContext {
  readonly models: Columns<ModelRole>;
  readonly values: Columns<ValueRole>;
  /** What relative paths are relative to. */
  readonly base: string;
  /** When a model without a date was added. */
  readonly now: Date;
}

/** Translates a model, or says why it cannot be taken. What it has to say goes to `remarks`. */
export function translate(old: OldModel, context: TranslateContext, remarks: Remark[]): Translated | null {
  const { of, rest } = context.models;
  const row = oldName(old, context.models);
  const on = remarksOn('models', row, remarks);
  const refuse = (kind: Refusal): null => {
    on.refused(kind);
    return null;
  };
  const extras = new Extras();
  // First: what a person has set goes before a column of the same name.
  const { taken, wide } = readValues(old.values, context.values, extras, remarks);
  const fields = new Fields((column) => old.cells.get(column) ?? null, on, extras);
  const beside = besideFields(wide, extras, remarksOn('model_metadata', row, remarks));

  const path = pathOf(fields.text(of.get('filePath')), context.base, { on, fields, column: of.get('filePath') });
  if (path === null) return refuse('no path');
  if (path.length > textLimits.path) return refuse('path too long');
  const short = (role: ModelRole): string | null => fields.bounded(of.get(role), textLimits.short);
  const fileName = short('fileName') || fileNameOf(path);
  const named = [
    beside.bounded('title', textLimits.name, { cut: true }),
    fields.bounded(of.get('name'), textLimits.name, { cut: true }),
  ] as const;
  const isNamed = named.some((name) => name !== null && name.trim() !== '');
  if (!isNamed && of.has('name')) on.changed('name from file');
  const ownName = named[1]?.trim() ? named[1] : named[0]?.trim() ? named[0] : null;
  // A title beside another name is not lost.
  if (named[0]?.trim() && ownName !== named[0]) extras.add('title', named[0]);

  const whole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  const figure = (role: ModelRole): number | null => fields.number(of.get(role), Number.isFinite);
  const counted = (role: ModelRole): number | null => fields.number(of.get(role), whole);
  const stars = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 5;
  const rating = fields.number(of.get('rating'), stars);
  const starsBeside = rated(beside.number('rating', stars), on);
  if (rating !== null && starsBeside !== null && rating !== starsBeside) extras.add('metadata.rating', starsBeside);
  const fileSize = counted('fileSize');
  if (fileSize === null) on.changed('size unknown');
  const fileHash = hashOf(short('fileHash'), path, on);
  const createdAt = fields.date(of.get('createdAt'));
  if (createdAt === null) on.changed('date unknown');
  const [column, words] = [of.get('description'), beside.bounded('description', textLimits.description, { cut: true })];
  const description = fields.bounded(column, textLimits.description, { cut: true });
  if (description && words && words !== description) extras.add('metadata.description', words);
  const source = beside.text('source');
  const isAddress = source !== null && /^https?:\/\//i.test(source) && source.length <= textLimits.path;
  const sourceUrl = fields.bounded(of.get('sourceUrl'), textLimits.path) ?? (isAddress ? source : null);
  if (source !== null && sourceUrl !== source) beside.keep('source', source);

  const model = {
    name: ownName ?? (nameOf(fileName) || fileName.slice(0, textLimits.name)),
    description: description || words || null,
    format: formatOf(fields.text(of.get('format')), path, { on, fields, column: of.get('format') }),
    fileName,
    filePath: path,
    fileHash,
    fileSize: fileSize ?? 0,
    fileModifiedAt: fields.date(of.get('fileModifiedAt')),
    author: short('author'),
    license: short('license'),
    sourceUrl,
    triangles: counted('triangles'),
    vertices: counted('vertices'),
    minX: figure('minX'),
    minY: figure('minY'),
    minZ: figure('minZ'),
    maxX: figure('maxX'),
    maxY: figure('maxY'),
    maxZ: figure('maxZ'),
    volume: figure('volume'),
    rating: rating ?? starsBeside,
    favorite: fields.boolean(of.get('favorite')) ?? false,
    printedAt: fields.date(of.get('printedAt')),
    status: statusOf(fields.text(of.get('status')), { on, fields, column: of.get('status') }),
    createdAt: createdAt ?? context.now,
  };
  const tags = new Map<string, string>();
  for (const [text, list] of [
    [fields.text(of.get('tags')), on] as const,
    [beside.text('keywords'), on] as const,
    [beside.text('tags'), on] as const,
  ])
    for (const tag of readTags(text, list)) if (!tags.has(tagKey(tag))) tags.set(tagKey(tag), tag);
  for (const name of rest) fields.extra(name);
  for (const name of wide.keys()) if (!usedBeside.has(name)) beside.extra(name);
  const id = fields.text(of.get('id'));
  if (id !== null && id !== '' && id.length <= textLimits.metadataText) extras.set(adoptedKeys.id, id);
  extras.set(adoptedKeys.path, path);
  const input = parsedModel(model, id);
  if (input === null) return refuse('not storable');
  return { model: input, isNamed, tags: [...tags.values()], metadata: extras.record(), values: taken };
}

/** How a report calls an old model: by its id, else by its place. */
export function oldName({ number, cells }: OldModel, { of }: Columns<ModelRole>): string {
  const cell = cells.get(of.get('id') ?? '') ?? null;
  return cell === null || cell.kind === 'bytes' ? `row ${number}` : String(cell.value).slice(0, 200);
}

/** The columns of a row for each model that have a field, or are no more than how the old tables were joined. */
const usedBeside = new Set(['id', 'model_id', 'title', 'description', 'keywords', 'tags', 'source', 'rating']);

function besideFields(wide: ReturnType<typeof readValues>['wide'], extras: Extras, on: RemarkList): Fields {
  return new Fields((column) => wide.get(column) ?? null, on, extras);
}

function pathOf(given: string | null, base: string, { on, column }: Origin): string | null {
  if (given === null || given.trim() === '') return null;
  // One of Windows stays as it is elsewhere: nothing here can resolve it.
  const isForeign = process.platform !== 'win32' && /^([a-z]:[\\/]|\\\\)/i.test(given);
  const path = isForeign ? given : resolve(base, normalize(given));
  if (path !== given) on.changed('path resolved', column);
  return path;
}

function fileNameOf(path: string): string {
  const name = /^([a-z]:[\\/]|\\\\)/i.test(path) ? win32.basename(path) : basename(path);
  return name.slice(0, textLimits.short) || path.slice(0, textLimits.short);
}

/** A hash that was not noted is one that no other model has, so that none passes for a duplicate. */
function hashOf(given: string | null, path: string, on: RemarkList): string {
  const hash = given?.trim() ?? '';
  if (hash !== '') return /^[0-9a-f]+$/i.test(hash) ? hash.toLowerCase() : hash;
  on.changed('hash unknown');
  return `unknown:${createHash('sha256').update(path).digest('hex')}`;
}

const formatNames: Readonly<Record<string, ModelFormat>> = {
  mf3: '3mf',
  stp: 'step',
  igs: 'iges',
  vrml: 'wrl',
  scd: 'scad',
};

/** Where a value is from, and where it goes when its field cannot hold it. */
interface Origin {
  readonly on: RemarkList;
  readonly fields: Fields;
  readonly column: string | undefined;
}

function formatOf(given: string | null, path: string, { on, fields, column }: Origin): ModelFormat {
  const known = (text: string): ModelFormat | null => {
    const word = text.trim().toLowerCase().replace(/^\./, '');
    return formatNames[word] ?? modelFormats.find((format) => format === word) ?? null;
  };
  const format = given === null ? null : known(given);
  if (format !== null) return format;
  if (given !== null && given.trim() !== '' && column !== undefined) {
    on.changed('kept as metadata', column);
    fields.keep(column, given);
  } else on.changed('format from file');
  return known(extname(path)) ?? 'other';
}

function statusOf(given: string | null, { on, fields, column }: Origin): ModelStatus {
  const status = modelStatuses.find((known) => known === given?.trim().toLowerCase());
  if (status === undefined && given !== null && given.trim() !== '' && column !== undefined) {
    on.changed('kept as metadata', column);
    fields.keep(column, given);
  }
  return status ?? 'active';
}

function rated(stars: number | null, on: RemarkList): number | null {
  if (stars !== 0) return stars;
  on.changed('unrated');
  return null;
}

function readTags(text: string | null, on: RemarkList): readonly string[] {
  if (text === null) return [];
  const { tags, refused, changed } = tagsOf(text);
  for (let i = 0; i < refused; i += 1) on.refused('not a tag');
  if (changed) on.changed('tag on one line');
  return tags;
}

/** With the old id where that is a UUID: whoever noted it finds the model by it. */
function parsedModel(model: Translated['model'], id: string | null): Translated['model'] | null {
  for (const given of [{ ...model, id: id?.trim().toLowerCase() }, model]) {
    try {
      return { ...parseModelInput(given), createdAt: model.createdAt };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  return null;
}
