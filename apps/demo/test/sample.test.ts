// candy sample: the same seed makes the same library, however often it was interrupted.
import { describe, expect, it } from 'vitest';
import { candy, start } from './candy.js';
import { candyHere } from './candy-here.js';
import { binaryCube } from './cube.js';
import { makePlace, open, type Place, problemsOf, put } from './temporary-library.js';

/** Everything that is said of the models and their collections, but when and as what the rows were written. */
async function contentOf({ folder }: Place): Promise<readonly unknown[]> {
  const lines = async (...args: readonly string[]) =>
    (await candyHere([...args, '--jsonl'], folder)).stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const models = await lines('list', '--sort', 'created');
  const collections: unknown[] = [];
  for (const { name } of await lines('collection', 'list')) {
    const members: readonly { readonly id: string }[] = await lines('collection', 'list', name);
    collections.push([name, members.map(({ id }) => id).toSorted()]);
  }
  return [models.map(({ updatedAt: _written, ...model }) => model), collections];
}

describe('a library of invented models', () => {
  it('is the same for the same seed, another for another, and sound', async () => {
    const [one, same, other] = [makePlace(), makePlace(), makePlace()];
    for (const place of [one, same]) await candyHere(['sample', '--models', '700', '--seed', '5'], place.folder);
    await candyHere(['sample', '--models', '700', '--seed', '6'], other.folder);
    const content = await contentOf(one);
    expect(await contentOf(same)).toEqual(content);
    expect(await contentOf(other)).not.toEqual(content);
    const library = await open(one);
    expect(await problemsOf(library)).toEqual([]);
    expect(await library.repositories.models.count()).toBe(700);
    for (const varied of [
      { favorite: true },
      { printed: true },
      { minRating: 5 },
      { statuses: ['missing'] },
    ] as const) {
      expect(await library.repositories.models.count(varied)).toBeGreaterThan(0);
    }
    expect((await library.repositories.tags.listTags()).length).toBeGreaterThan(20);
    expect((await library.repositories.metadata.getMetadataKeys()).map(({ key }) => key).toSorted()).toEqual([
      'layer',
      'material',
      'minutes',
      'supports',
    ]);
  });

  it('that was interrupted says so with 130, and is whole after the same command', async () => {
    const [cut, whole] = [makePlace(), makePlace()];
    await candyHere(['sample', '--models', '5000'], whole.folder);
    const library = await open(cut);
    const { child, ended } = start(['sample', '--models', '5000', '--json'], cut);
    await expect.poll(() => library.repositories.models.count(), { interval: 5 }).toBeGreaterThanOrEqual(1000);
    child.kill('SIGINT');
    const { exitCode, stdout, stderr } = await ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, created: await library.repositories.models.count() });
    const again = JSON.parse((await candy(['sample', '--models', '5000', '--json'], cut)).stdout);
    expect(again.created + JSON.parse(stdout).created).toBe(5000);
    expect(await contentOf(cut)).toEqual(await contentOf(whole));
  });

  it('is made by two programs together', async () => {
    const place = makePlace();
    const both = await Promise.all([1, 2].map(() => candy(['sample', '--models', '3000', '--json'], place)));
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(both.reduce((sum, { stdout }) => sum + JSON.parse(stdout).created, 0)).toBe(3000);
    expect(await problemsOf(await open(place))).toEqual([]);
  });

  it('is never mixed with models of a person', async () => {
    const place = makePlace();
    put(place.models, 'Gear.stl', binaryCube('gear'));
    await candyHere(['import', 'models'], place.folder);
    expect(await candyHere(['sample', '--models', '10'], place.folder)).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('--url file:sample.db'),
    });
    expect(JSON.parse((await candyHere(['stats', '--json'], place.folder)).stdout).models).toBe(1);
  });
});
