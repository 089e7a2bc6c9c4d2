import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { candy } from './candy.js';
import { binaryCube } from './cube.js';
import { makePlace, put } from './temporary-library.js';

it('writes the picture of a model to a file, or tells where it is kept, and never writes over a model', async () => {
  const place = makePlace();
  put(place.models, 'Gear.stl', binaryCube());
  put(place.models, 'broken.stl', binaryCube().subarray(0, 300));
  expect(await candy(['import', 'models'], place)).toMatchObject({ exitCode: 2 });

  const written = await candy(['show', 'Gear', '--image', 'gear.PNG'], place);
  const path = join(place.folder, 'gear.PNG');
  expect(written).toMatchObject({ exitCode: 0, stdout: `${path}\n`, stderr: '' });
  expect(decode(readFileSync(path))).toMatchObject({ width: 256, height: 256, channels: 4 });

  // The file has gone meanwhile; what was kept is told all the same.
  rmSync(join(place.models, 'Gear.stl'));
  const told = JSON.parse((await candy(['show', 'Gear', '--image', '--json'], place)).stdout);
  expect(told).toMatchObject({ type: 'image/png', width: 256, height: 256 });
  expect(told.path.startsWith(join(place.folder, '.candy', 'pictures'))).toBe(true);
  expect(readFileSync(told.path).equals(readFileSync(path))).toBe(true);

  for (const [args, reason] of [
    [['Gear', '--image', 'models/broken.stl'], 'broken.stl: name a file that ends in .png or .jpg or .jpeg'],
    [['Gear', '--image', 'gear.jpg'], 'name a file that ends in .png'],
    [['Gear', '--image', 'nowhere/gear.png'], 'cannot be written to'],
    [['broken', '--image', 'broken.png'], 'There is no picture of it'],
  ] as const) {
    const { exitCode, stdout, stderr } = await candy(['show', ...args], place);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain(reason);
  }
  expect(readFileSync(join(place.models, 'broken.stl'))).toHaveLength(300);
  expect(existsSync(join(place.folder, 'broken.png'))).toBe(false);
});
