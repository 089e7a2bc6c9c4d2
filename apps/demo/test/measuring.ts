// Writes a file into a folder of its own and measures it in the process of the test, without the reader's child.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Geometry, GeometryResult } from '../src/geometry/geometry.js';
import { measureFile } from '../src/geometry/measure-file.js';

/** Makes a folder that is gone after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'geometry-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file and measures it. */
export async function measure(fileName: string, content: string | Uint8Array): Promise<GeometryResult> {
  const path = join(makeFolder(), fileName);
  writeFileSync(path, content);
  return await measureFile(path, () => {});
}

/** Writes a file and returns its figures; fails the test when it is not parsed. */
export async function geometryOf(fileName: string, content: string | Uint8Array): Promise<Geometry> {
  const result = await measure(fileName, content);
  if (result.status === 'parsed') return result.geometry;
  throw new Error(`${fileName} ${result.reason}`);
}

/** Writes a file and returns the reason why it is not parsed; fails the test when it is. */
export async function reasonOf(fileName: string, content: string | Uint8Array): Promise<string> {
  const result = await measure(fileName, content);
  if (result.status === 'unparsed') return result.reason;
  throw new Error(`${fileName} was parsed: ${JSON.stringify(result.geometry)}`);
}
