// The alphabet of filter tokens beside what the migrations have made of it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { facetsColumn, octaveColumn, sizeOctaves, triangleOctaves } from '../src/facet-tokens.js';

test('the generated columns of the newest migration are those of the alphabet', () => {
  const meta = join(import.meta.dirname, '..', 'migrations', 'meta');
  const newest = readdirSync(meta)
    .filter((file) => file.endsWith('_snapshot.json'))
    .sort()
    .at(-1);
  const { columns } = JSON.parse(readFileSync(join(meta, String(newest)), 'utf8')).tables.models;
  expect(columns.facets.generated.as).toBe(`(${facetsColumn})`);
  expect(columns.size_octave.generated.as).toBe(`(${octaveColumn('file_size', sizeOctaves)})`);
  expect(columns.triangle_octave.generated.as).toBe(`(${octaveColumn('triangles', triangleOctaves)})`);
});
