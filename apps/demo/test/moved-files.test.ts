// Files that were moved, renamed, swapped, deleted and put back: the models follow, and nothing that their owner gave them is
// lost. The judge is a plain list of what was done to which content.
import { mkdirSync, renameSync, rmdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Library } from '../src/library.js';
import { binaryCube } from './cube.js';
import { importing, modelAt, modelsOf, none } from './importing.js';
import { makePlace, open, type Place, problemsOf, put } from './temporary-library.js';
import { zipOf } from './zip-writer.js';

const { run } = importing();
const time = new Date('2024-05-06T07:08:09.123Z');

/** A library with a model for each name, its content and tag being the name. */
async function libraryOf(
  ...names: readonly string[]
): Promise<{ place: Place; library: Library; at: (name: string) => string }> {
  const place = makePlace();
  const library = await open(place);
  for (const name of names) put(place.models, name, binaryCube(name));
  const at = (name: string) => join(place.models, name);
  // All of one size and time, so that nothing but their content tells them apart.
  for (const name of names) utimesSync(at(name), time, time);
  await run(library, place);
  for (const name of names) {
    const { id } = await modelAt(library, at(name));
    await library.repositories.search.tag(id, name);
    await library.repositories.metadata.setMetadataValue(id, 'was', name);
  }
  return { place, library, at };
}

/** Which tag is at which path, and the status of its model. */
async function tagsByPath(library: Library, { models }: Place): Promise<Record<string, string>> {
  const rows: [string, string][] = [];
  for (const { id, filePath, status } of await modelsOf(library)) {
    const tags = (await library.repositories.tags.getTags(id)).join(' ');
    rows.push([filePath.slice(models.length + 1), status === 'missing' ? `${tags} (missing)` : tags]);
  }
  return Object.fromEntries(rows);
}

describe('a model whose file was', () => {
  it('renamed or moved keeps its id, its tags and its metadata, and takes the new name of the file', async () => {
    const { place, library, at } = await libraryOf('a.stl', 'b.stl', 'c.stl');
    const { id } = await modelAt(library, at('a.stl'));
    const { id: named } = await modelAt(library, at('b.stl'));
    await library.repositories.models.update(named, { name: 'My own' });
    mkdirSync(at('deep/er'), { recursive: true });
    renameSync(at('a.stl'), at('deep/er/z.stl'));
    renameSync(at('b.stl'), at('deep/b.stl'));
    const report = await run(library, place);
    expect(report.counts).toEqual({ ...none, moved: 2, unchanged: 1 });
    expect(report.remarks).toContainEqual({ path: at('deep/er/z.stl'), outcome: 'moved', reason: at('a.stl') });
    expect(await modelAt(library, at('deep/er/z.stl'))).toMatchObject({ id, name: 'z', fileName: 'z.stl' });
    expect(await modelAt(library, at('deep/b.stl'))).toMatchObject({ id: named, name: 'My own' });
    expect(await library.repositories.metadata.getMetadata(id)).toEqual({ was: 'a.stl' });
    expect(await tagsByPath(library, place)).toEqual({
      'c.stl': 'c.stl',
      'deep/b.stl': 'b.stl',
      'deep/er/z.stl': 'a.stl',
    });
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 3 });
    expect(await problemsOf(library)).toEqual([]);
  });

  it('swapped with another of the same size and time follows its content, in pairs and in rings', async () => {
    const { place, library, at } = await libraryOf('a.stl', 'b.stl', 'c.stl', 'd.stl', 'e.stl');
    const rename = (from: string, to: string) => renameSync(at(from), at(to));
    for (const [from, to] of [
      ['a', 'x'],
      ['b', 'a'],
      ['x', 'b'],
      ['c', 'x'],
      ['d', 'c'],
      ['e', 'd'],
      ['x', 'e'],
    ] as const) {
      rename(`${from}.stl`, `${to}.stl`);
    }
    expect((await run(library, place)).counts).toEqual({ ...none, moved: 5 });
    expect(await tagsByPath(library, place)).toEqual({
      'a.stl': 'b.stl',
      'b.stl': 'a.stl',
      'c.stl': 'd.stl',
      'd.stl': 'e.stl',
      'e.stl': 'c.stl',
    });
  });

  it('moved and cannot be measured is told as both', async () => {
    const { place, library, at } = await libraryOf();
    put(place.models, 'part.step', 'ISO-10303-21;');
    await run(library, place);
    const { id } = await modelAt(library, at('part.step'));
    mkdirSync(at('deep'));
    renameSync(at('part.step'), at('deep/part.step'));
    const { counts, remarks } = await run(library, place);
    expect(counts).toEqual({ ...none, unparsed: 1 });
    const reason = `is in the format step, which is not read yet; it was moved here from ${at('part.step')}`;
    expect(remarks).toEqual([{ path: at('deep/part.step'), outcome: 'unparsed', reason }]);
    expect(await modelAt(library, at('deep/part.step'))).toMatchObject({ id, status: 'active' });
  });

  it('moved onto the place of one that moved on follows too', async () => {
    const { place, library, at } = await libraryOf('a.stl', 'b.stl');
    renameSync(at('b.stl'), at('c.stl'));
    renameSync(at('a.stl'), at('b.stl'));
    expect((await run(library, place)).counts).toEqual({ ...none, moved: 2 });
    expect(await tagsByPath(library, place)).toEqual({ 'b.stl': 'a.stl', 'c.stl': 'b.stl' });
  });

  it('edited beside a copy of what it was stays with its path', async () => {
    const { place, library, at } = await libraryOf('a.stl');
    put(place.models, 'a.bak.stl', binaryCube('a.stl'));
    writeFileSync(at('a.stl'), binaryCube('edited'));
    expect((await run(library, place)).counts).toEqual({ ...none, changed: 1, new: 1 });
    expect(await tagsByPath(library, place)).toEqual({ 'a.bak.stl': '', 'a.stl': 'a.stl' });
  });

  it('moved over another is not certain: that one is changed, and the moved one is missing', async () => {
    const { place, library, at } = await libraryOf('a.stl', 'b.stl');
    renameSync(at('a.stl'), at('b.stl'));
    expect((await run(library, place)).counts).toEqual({ ...none, changed: 1, missing: 1 });
    expect(await tagsByPath(library, place)).toEqual({ 'a.stl': 'a.stl (missing)', 'b.stl': 'b.stl' });
  });

  it('moved and edited is missing, and the report says where it may be', async () => {
    const { place, library, at } = await libraryOf('a.stl');
    rmSync(at('a.stl'));
    const path = put(place.models, 'new/a.stl', binaryCube('edited'));
    const { counts, remarks } = await run(library, place);
    expect(counts).toEqual({ ...none, new: 1, missing: 1 });
    const { id } = await modelAt(library, at('a.stl'));
    const reason = `its file is gone; if it was moved and edited: candy moved ${id} ${path}`;
    expect(remarks).toEqual([{ path: at('a.stl'), outcome: 'missing', reason }]);
  });

  it('deleted is missing until it comes back, at its place or at another, with the status that it had', async () => {
    const { place, library, at } = await libraryOf('a.stl', 'b.stl', 'c.stl');
    const { id } = await modelAt(library, at('a.stl'));
    await library.repositories.models.update(id, { status: 'archived' });
    rmSync(at('a.stl'));
    rmSync(at('b.stl'));
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 1, missing: 2 });
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 1, missing: 2 });
    put(place.models, 'a.stl', binaryCube('a.stl'));
    put(place.models, 'deep/b2.stl', binaryCube('b.stl'));
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 2, moved: 1 });
    expect(await tagsByPath(library, place)).toEqual({ 'a.stl': 'a.stl', 'c.stl': 'c.stl', 'deep/b2.stl': 'b.stl' });
    expect(await modelAt(library, at('a.stl'))).toMatchObject({ id, status: 'archived' });
  });

  it('moved to a folder that alone is imported is followed there', async () => {
    const { place, library, at } = await libraryOf('a.stl', 'b.stl');
    mkdirSync(join(place.folder, 'other'));
    renameSync(at('a.stl'), join(place.folder, 'other', 'a.stl'));
    expect((await run(library, place, {}, [join(place.folder, 'other')])).counts).toEqual({ ...none, moved: 1 });
    expect((await modelsOf(library)).map(({ filePath }) => filePath).toSorted()).toEqual([
      at('b.stl'),
      join(place.folder, 'other', 'a.stl'),
    ]);
  });
});

describe('a folder that is empty', () => {
  it('may have lost its disk: nothing changes, and the report says so, until it is said to be emptied', async () => {
    const { place, library } = await libraryOf('a.stl', 'deep/b.stl');
    const before = await modelsOf(library);
    renameSync(place.models, `${place.models} elsewhere`);
    mkdirSync(place.models);
    const report = await run(library, place);
    expect(report.counts).toEqual({ ...none, unreadable: 1 });
    expect(report.remarks[0]?.reason).toContain('is its disk there?');
    expect(await modelsOf(library)).toEqual(before);
    rmdirSync(place.models);
    await expect(run(library, place)).rejects.toThrow('cannot be imported');
    expect(await modelsOf(library)).toEqual(before);
    mkdirSync(place.models);
    expect((await run(library, place, { emptied: true })).counts).toEqual({ ...none, missing: 2 });
  });
});

describe('any history of files', () => {
  // Every content is made once, and lies at one path at a time: then what the library must say is certain.
  const step = fc.oneof(
    fc.record({ do: fc.constant('make' as const), to: fc.nat(11) }),
    fc.record({ do: fc.constant('move' as const), from: fc.nat(11), to: fc.nat(11) }),
    fc.record({ do: fc.constant('swap' as const), from: fc.nat(11), to: fc.nat(11) }),
    fc.record({ do: fc.constant('delete' as const), from: fc.nat(11) }),
    fc.record({ do: fc.constant('restore' as const), to: fc.nat(11) }),
  );
  const name = (place: number) => `${['', 'a/', 'a/b/'][place % 3]}${'wxyz'[place % 4]}.stl`;

  it('leaves each content one model with its tag, present where it lies and missing where it was seen last', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { minLength: 1, maxLength: 4 }), async (rounds) => {
        const place = makePlace();
        const library = await open(place);
        put(place.models, 'keep.stl', binaryCube('keep'));
        await run(library, place);
        const lying = new Map<number, string>();
        const seen = new Map<string, number>();
        const deleted: string[] = [];
        let made = 0;
        const write = (to: number, content: string) => {
          const path = put(place.models, name(to), binaryCube(content));
          utimesSync(path, time, time);
          lying.set(to, content);
        };
        for (const steps of rounds) {
          for (const action of steps) {
            const [from, to] = ['from' in action ? action.from : -1, 'to' in action ? action.to : -1];
            const [there, target] = [lying.get(from), lying.get(to)];
            const [source, goal] = [join(place.models, name(from)), join(place.models, name(to))];
            if (action.do === 'make' && target === undefined) write(to, `content ${(made += 1)}`);
            else if (action.do === 'restore' && target === undefined && deleted.length > 0)
              write(to, deleted.pop() ?? '');
            else if (action.do === 'delete' && there !== undefined) {
              rmSync(source);
              lying.delete(from);
              deleted.push(there);
            } else if (action.do === 'move' && there !== undefined && target === undefined) {
              mkdirSync(join(goal, '..'), { recursive: true });
              renameSync(source, goal);
              lying.delete(from);
              lying.set(to, there);
            } else if (action.do === 'swap' && there !== undefined && target !== undefined && from !== to) {
              renameSync(source, `${source}.x`);
              renameSync(goal, source);
              renameSync(`${source}.x`, goal);
              lying.set(from, target);
              lying.set(to, there);
            }
          }
          // A path that got a new content while the old one went has two histories: it was edited, or something else was put there.
          const known = await tagsByPath(library, place);
          await run(library, place);
          for (const [at, content] of lying) {
            if (seen.has(content)) continue;
            const { id } = await modelAt(library, join(place.models, name(at)));
            const tags = await library.repositories.tags.getTags(id);
            if (tags.length === 0) await library.repositories.search.tag(id, content);
            else {
              // Taken for an edit: certain only in that the path is the same.
              expect(known[name(at)]?.replace(' (missing)', '')).toBe(tags[0]);
              await library.repositories.search.untag(id, tags[0] ?? '');
              await library.repositories.search.tag(id, content);
              seen.delete(tags[0] ?? '');
              const gone = deleted.indexOf(tags[0] ?? '');
              if (gone >= 0) deleted.splice(gone, 1);
            }
            seen.set(content, at);
          }
          const expected: Record<string, string> = { 'keep.stl': '' };
          for (const [at, content] of lying) expected[name(at)] = content;
          const now = await tagsByPath(library, place);
          const present = Object.fromEntries(Object.entries(now).filter(([, tag]) => !tag.endsWith('(missing)')));
          expect(present).toEqual(expected);
          const missing = Object.values(now).filter((tag) => tag.endsWith('(missing)'));
          expect(missing.toSorted()).toEqual(
            deleted
              .filter((content) => seen.has(content))
              .map((content) => `${content} (missing)`)
              .toSorted(),
          );
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe('what has become another kind of thing', () => {
  it('takes its models along when a folder of the name of their file holds them now, or one of their archive', async () => {
    const { place, library, at } = await libraryOf('gear.stl');
    put(place.models, 'parts.zip', zipOf({ name: 'bolt.stl', content: binaryCube('bolt') }));
    await run(library, place);
    const { id } = await modelAt(library, `${at('parts.zip')}!/bolt.stl`);
    await library.repositories.search.tag(id, 'bolt');
    for (const name of ['gear.stl', 'parts.zip']) rmSync(at(name));
    put(place.models, 'gear.stl/gear.stl', binaryCube('gear.stl'));
    put(place.models, 'parts.zip/bolt.stl', binaryCube('bolt'));
    expect((await run(library, place)).counts).toEqual({ ...none, moved: 2 });
    const now = { 'gear.stl/gear.stl': 'gear.stl', 'parts.zip/bolt.stl': 'bolt' };
    expect(await tagsByPath(library, place)).toEqual(now);
  });

  it('has no models below it any more when a folder that is named is a file now', async () => {
    const { place, library, at } = await libraryOf('set/gear.stl');
    rmSync(at('set'), { recursive: true });
    put(place.models, 'set', 'a note');
    expect((await run(library, place, {}, [at('set')])).counts).toEqual({ ...none, missing: 1 });
    expect(await tagsByPath(library, place)).toEqual({ 'set/gear.stl': 'set/gear.stl (missing)' });
  });
});
