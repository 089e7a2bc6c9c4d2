// Files that are packed as one have their turns in the order in which they lie in their block, and others as they came.
import { expect, it } from 'vitest';
import { DrawingQueue } from '../src/pictures/drawing-queue.js';
import { makeFolder } from './measuring.js';
import { rarOf } from './rar-writer.js';
import { put } from './temporary-library.js';

/** Asks for turns all at once, and returns the paths in the order in which they had theirs. */
async function turnsOf(queue: DrawingQueue, paths: readonly string[], onTurn?: () => void): Promise<readonly string[]> {
  const turns: string[] = [];
  const work = (path: string) => async (): Promise<void> => {
    onTurn?.();
    turns.push(path);
    await Promise.resolve();
  };
  await Promise.all(paths.map((path) => queue.inTurn(path, work(path))));
  return turns;
}

/** An archive whose files have names in another order than that in which they lie. */
function archiveOf(...names: readonly string[]): (name: string) => string {
  const path = put(makeFolder(), 'set.rar', rarOf(names.map((name) => ({ name, content: Buffer.from(name) }))));
  return (name) => `${path}!/${name}`;
}

it('goes through an archive once for those that wait together, and then to who has waited longest', async () => {
  const [one, two] = [archiveOf('d', 'b', 'e', 'a', 'c'), archiveOf('y', 'x')];
  const wanted = [one('a'), '/loose 1.stl', two('x'), one('b'), one('e'), '/loose 2.stl', two('y'), one('c'), one('d')];
  expect(await turnsOf(new DrawingQueue(), wanted)).toEqual([
    ...['d', 'b', 'e', 'a', 'c'].map(one),
    '/loose 1.stl',
    two('y'),
    two('x'),
    '/loose 2.stl',
  ]);
});

it('goes on from the file that had its turn last, for those that ask meanwhile', async () => {
  const one = archiveOf('d', 'b', 'e', 'a', 'c');
  const queue = new DrawingQueue();
  const later: Promise<readonly string[]>[] = [];
  const first = await turnsOf(queue, [one('e')], () => {
    later.push(turnsOf(queue, [one('c'), one('d'), one('a'), one('b')]));
  });
  expect([first, ...(await Promise.all(later))].flat()).toEqual(['e', 'a', 'c', 'd', 'b'].map(one));
});

it('lets others have their turn after 64 of one archive, and gives turns where there is no archive', async () => {
  const names = Array.from({ length: 100 }, (_, at) => `${at}.stl`);
  const [first = '', ...rest] = names.map(archiveOf(...names));
  expect(await turnsOf(new DrawingQueue(), [first, '/loose.stl', ...rest])).toEqual([
    ...[first, ...rest].slice(0, 64),
    '/loose.stl',
    ...rest.slice(63),
  ]);
  const gone = ['b', 'a'].map((name) => `/nowhere/set.7z!/${name}`);
  expect(await turnsOf(new DrawingQueue(), gone)).toEqual(gone);
});

it('tells who asked what went wrong, and goes on', async () => {
  const queue = new DrawingQueue();
  const failing = queue.inTurn('/a.stl', () => Promise.reject(new Error('no pen')));
  const fine = queue.inTurn('/b.stl', () => Promise.resolve('drawn'));
  await expect(failing).rejects.toThrow('no pen');
  expect(await fine).toBe('drawn');
  await queue.ended();
  expect(await queue.inTurn('/c.stl', () => Promise.resolve('again'))).toBe('again');
});
