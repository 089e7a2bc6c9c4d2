// Writes the library that a newcomer's first run imports: real meshes in five formats, one duplicate, one broken file.
// `sample/parts.ts` models them, `sample/formats.ts` encodes them; the import treats them like anyone's own files.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Geom3 } from '@jscad/modeling/src/geometries/types.js';
import { sampleFormats } from './sample/formats.js';
import * as parts from './sample/parts.js';

/**
 * Writes the sample files below `folder`, which is made when it does not exist, and returns how many there are.
 *
 * The bytes are the same on every run, and a file that already holds them is left untouched, so that a second import
 * finds nothing new. Other files in the folder stay as they are.
 */
export async function makeSampleLibrary(folder: string): Promise<{ files: number }> {
  const files = await sampleFiles();
  for (const [name, bytes] of files) await writeIfChanged(join(folder, name), bytes);
  return { files: files.size };
}

type Recipe = readonly [name: string, format: keyof typeof sampleFormats, solids: () => Geom3 | Geom3[]];

const recipes: readonly Recipe[] = [
  ['Fasteners/Hex bolt M3x12.stl', 'binary stl', () => parts.hexBolt(3, 12)],
  ['Fasteners/Hex bolt M5x20.stl', 'ascii stl', () => parts.hexBolt(5, 20)],
  ['Fasteners/Hex bolt M8x40.3mf', '3mf', () => parts.hexBolt(8, 40)],
  ['Fasteners/Hex nut M3.stl', 'binary stl', () => parts.hexNut(3)],
  ['Fasteners/Hex nut M5.obj', 'obj', () => parts.hexNut(5)],
  ['Fasteners/Washer M5.ply', 'ply', () => parts.washer(5)],
  ['Fasteners/Spacer 10mm.stl', 'ascii stl', () => parts.spacer(8, 4, 10)],
  ['Gears/Gear 12 teeth.stl', 'binary stl', () => parts.gear(12, 3)],
  ['Gears/Gear 24 teeth.3mf', '3mf', () => parts.gear(24, 5)],
  ['Gears/Gear 36 teeth.obj', 'obj', () => parts.gear(36, 5)],
  ['Gears/GearRack_v2.stl', 'binary stl', () => parts.gearRack(20)],
  ['Gears/Planet gear set.3mf', '3mf', () => [parts.gear(12, 3), parts.beside(parts.gear(18, 3), 30)]],
  ['Household/Bracket 40mm.stl', 'binary stl', () => parts.bracket(40, 4)],
  ['Household/Corner bracket small.3mf', '3mf', () => parts.bracket(25, 3)],
  ['Household/Wall hook.stl', 'ascii stl', () => parts.hook()],
  ['Household/Cable clip 6mm.ply', 'ply', () => parts.cableClip(6)],
  ['Household/Phone stand.obj', 'obj', () => parts.phoneStand()],
  ['Household/Boxes/Box 60x40.stl', 'binary stl', () => parts.box(60, 40, 30)],
  ['Household/Boxes/Lid 60x40.stl', 'binary stl', () => parts.lid(60, 40)],
  ['Household/Boxes/Box with lid 80x50.3mf', '3mf', () => [parts.box(80, 50, 30), parts.beside(parts.lid(80, 50), 90)]],
  ['Garden/Twisted vase.stl', 'binary stl', () => parts.vase(8, 80, 0.25)],
  ['Garden/Spiral vase tall.glb', 'glb', () => parts.vase(12, 120, 0.5)],
  ['Garden/Plant pot.glb', 'glb', () => parts.plantPot()],
  ['Classics/Stanford bunny.ply', 'ply', () => parts.bunny()],
  ['Classics/Stanford bunny.obj', 'obj', () => parts.bunny()],
  ['Classics/Utah teapot.stl', 'binary stl', () => parts.teapot()],
  ['Classics/Utah teapot.glb', 'glb', () => parts.teapot()],
];

async function sampleFiles(): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [name, format, solids] of recipes) {
    files.set(name, await sampleFormats[format](...[solids()].flat()));
  }
  const bytesOf = (name: string) => files.get(name) ?? new Uint8Array();
  // People keep the same file under two names, and downloads break off: the import shows both.
  files.set('Downloads/teapot (1).stl', bytesOf('Classics/Utah teapot.stl'));
  const bolt = bytesOf('Fasteners/Hex bolt M5x20.stl');
  files.set('Downloads/Hex bolt M5x20 (unfinished download).stl', bolt.subarray(0, Math.floor(bolt.length * 0.6)));
  return files;
}

async function writeIfChanged(path: string, bytes: Uint8Array): Promise<void> {
  const existing = await readFile(path).catch(() => null);
  if (existing?.equals(bytes)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}
