import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseMetadataValue, parseModelInput, parseTagName } from '@cc/schema/validation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCatalogue, syntheticSize } from '../catalogue/catalogue.js';
import { modelOf } from '../catalogue/row.js';
import { syntheticCatalogue } from '../catalogue/synthetic-catalogue.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the synthetic catalogue', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(syntheticCatalogue(300, 5)).toEqual(syntheticCatalogue(300, 5));
    expect(syntheticCatalogue(300, 6)).not.toEqual(syntheticCatalogue(300, 5));
  });

  it('has several files to a thing, glued file names and common tags', () => {
    const rows = syntheticCatalogue(2_000);
    const things = new Set(rows.map((row) => row.thing_id)).size;
    expect(rows.length / things).toBeGreaterThan(3);
    expect(rows.filter(({ filename }) => /[a-z][A-Z0-9]/.test(filename)).length).toBeGreaterThan(200);
    const uses = new Map<string, number>();
    for (const tag of rows.flatMap((row) => row.tags)) uses.set(tag, (uses.get(tag) ?? 0) + 1);
    expect(Math.max(...uses.values())).toBeGreaterThan(100);
  });

  it('makes models that the library takes, each with its own id, path and content', () => {
    const models = syntheticCatalogue(500).map(modelOf);
    for (const { model, metadata, tags } of models) {
      expect(parseModelInput(model)).toEqual(model);
      for (const value of Object.values(metadata)) parseMetadataValue(value);
      for (const tag of tags) parseTagName(tag);
    }
    for (const key of ['id', 'filePath', 'fileHash'] as const) {
      expect(new Set(models.map(({ model }) => model[key])).size).toBe(500);
    }
  });
});

describe('opening a catalogue', () => {
  it('reads the file that is named', async () => {
    const path = join(folder, 'some.jsonl.gz');
    const rows = syntheticCatalogue(3);
    await writeFile(path, gzipSync(rows.map((row) => JSON.stringify(row)).join('\n')));
    const { source, models } = await openCatalogue(path, folder);
    expect(source).toBe('some.jsonl.gz, 3 rows');
    expect(models).toEqual(rows.map(modelOf));
  });

  it('falls back to the synthetic one, and says so', async () => {
    const { source, models } = await openCatalogue(undefined, join(folder, 'nothing', 'here'));
    expect(source).toContain('synthetic');
    expect(models).toHaveLength(syntheticSize);
  });

  it('refuses a file whose lines are no catalogue rows', async () => {
    const path = join(folder, 'other.jsonl.gz');
    await writeFile(path, gzipSync('{"id":1}\n'));
    await expect(openCatalogue(path, folder)).rejects.toThrow('line 1');
  });
});
