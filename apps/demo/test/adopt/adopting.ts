// Runs candy adopt in a place of its own, and reads what came of it with the stock client and plain JavaScript.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { AdoptReport } from '../../src/adopt/adopt.js';
import { candy } from '../candy.js';
import type { Place } from '../temporary-library.js';
import { rowsOf } from './old-libraries.js';

/** The file of the library of a place. */
export const library = ({ folder }: Place): string => join(folder, '.candy', 'library.db');

/** Runs `candy adopt old.db` and returns its report. */
export async function adopted(place: Place, ...args: string[]): Promise<AdoptReport & { backup: string | null }> {
  const { stdout, stderr } = await candy(['adopt', 'old.db', '--json', ...args], place);
  // Whether there is time for a line of progress is a matter of the machine.
  expect(
    stderr.replace(/^(Adopting: .+|The library as it was: .+|Nothing was written: run it again with --yes\.)\n/gm, ''),
  ).toBe('');
  return JSON.parse(stdout);
}

/** Everything that the library says of its models, by their paths. */
export async function saved(place: Place) {
  const models = await rowsOf(library(place), 'select * from models order by seq');
  const metadata = await rowsOf(library(place), 'select * from model_metadata order by model_seq, metadata_key');
  const tags = await rowsOf(
    library(place),
    'select model_seq, name from model_tags join tags on tags.id = tag_id order by key',
  );
  return new Map(
    models.map((model) => [
      String(model['file_path']),
      {
        ...model,
        tags: tags.filter((row) => row['model_seq'] === model['seq']).map((row) => row['name']),
        metadata: Object.fromEntries(
          metadata
            .filter((row) => row['model_seq'] === model['seq'])
            .map((row) => [row['metadata_key'], row['value_number'] ?? row['value_text']]),
        ),
      },
    ]),
  );
}

/** The hashes of the files in a folder. */
export const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );

/** An old id that is one here too. */
export const uuid = '0b54f1c2-7a3f-4c11-9d2e-1c0f6a7b8c9d';
/** A row of a model of the designed form. */
export const plain = (id: string, more = {}) =>
  [
    'models',
    {
      id,
      name: `Model ${id}`,
      format: 'stl',
      file_path: `/m/${id}.stl`,
      file_hash: `aa${id.length}`,
      file_size: 10,
      created_at: 1_700_000_000,
      ...more,
    },
  ] as const;
