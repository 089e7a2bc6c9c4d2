// One row of a catalogue of model files, and the model, metadata and tags that it becomes in the library.

import { createHash } from 'node:crypto';
import type { MetadataValue, ModelFormat, ModelId } from '@cc/schema';
import { modelFormats } from '@cc/schema';
import type { ModelInput } from '@cc/schema/validation';

/** The columns of a catalogue that are used; the real one has more. */
export interface CatalogueRow {
  readonly file_id: number;
  readonly thing_id: number;
  readonly filename: string;
  readonly format: string;
  readonly name: string;
  readonly author?: string | null;
  /** UTC without a zone, `2011-07-26T09:23:59`. */
  readonly created_at?: string | null;
  readonly license: string;
  readonly category?: string | null;
  readonly subcategory?: string | null;
  readonly tags: readonly string[];
  readonly vertices?: number | null;
  readonly faces?: number | null;
  readonly components?: number | null;
  readonly solid?: boolean | null;
  readonly url: string;
}

/** A model with what belongs to it, as `createMany` takes it. */
export interface CatalogueModel {
  readonly model: ModelInput & { readonly id: ModelId; readonly createdAt: Date };
  /** Five values. */
  readonly metadata: Readonly<Record<string, MetadataValue>>;
  readonly tags: readonly string[];
}

/** Returns the model of row `index`. The same row always gives the same model, its id included. */
export function modelOf(row: CatalogueRow, index: number): CatalogueModel {
  return {
    model: {
      id: idOf(index),
      // One thing of the real list has no name.
      name: row.name.trim() === '' ? row.filename : row.name,
      format: formatOf(row.format),
      fileName: row.filename,
      filePath: `${row.thing_id}/${row.file_id}/${row.filename}`,
      fileHash: hashOf(`file ${row.file_id}`),
      // What a binary STL of so many triangles has.
      fileSize: 84 + 50 * (row.faces ?? 0),
      author: row.author ?? null,
      license: row.license,
      sourceUrl: row.url,
      parseStatus: 'parsed',
      triangles: row.faces ?? null,
      vertices: row.vertices ?? null,
      createdAt: new Date(`${row.created_at ?? '2012-01-01T00:00:00'}Z`),
    },
    metadata: {
      category: row.category ?? null,
      subcategory: row.subcategory ?? null,
      thing: row.thing_id,
      components: row.components ?? null,
      solid: row.solid ?? null,
    },
    tags: row.tags,
  };
}

/** Returns a UUIDv7 that grows with `index`. */
export function idOf(index: number): ModelId {
  const time = (1_600_000_000_000 + index).toString(16).padStart(12, '0');
  const rest = hashOf(`id ${index}`);
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`;
  // The brand has no runtime form.
  return id as ModelId;
}

/** Returns a SHA-256 in lower-case hex. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function formatOf(format: string): ModelFormat {
  return modelFormats.find((known) => known === format.toLowerCase()) ?? 'other';
}
