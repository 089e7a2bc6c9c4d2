import { expect, it } from 'vitest';
import { ChangesAtRest } from '../src/importing/changes-at-rest.js';

function changesWith(): { changes: ChangesAtRest; files: Map<string, string>; pass: (ms: number) => void } {
  const files = new Map<string, string>();
  let time = 0;
  const changes = new ChangesAtRest({ restMs: 300, look: (path) => files.get(path) ?? '', now: () => time });
  return { changes, files, pass: (ms) => void (time += ms) };
}

it('gives a path once, when nothing has happened to it for the time of rest', () => {
  const { changes, pass } = changesWith();
  changes.add('a');
  pass(299);
  expect(changes.take()).toEqual([]);
  pass(1);
  expect(changes.take()).toEqual(['a']);
  expect(changes.take()).toEqual([]);
});

it('waits for a file that grows, also when nobody tells of its writes', () => {
  const { changes, files, pass } = changesWith();
  changes.add('a');
  for (let size = 1; size < 20; size += 1) {
    files.set('a', String(size));
    pass(290);
    expect(changes.take()).toEqual([]);
  }
  pass(300);
  expect(changes.take()).toEqual(['a']);
});

it('gives what changed together together, and waits only so long for what does not come to rest', () => {
  const { changes, pass } = changesWith();
  changes.add('from');
  pass(100);
  changes.add('to');
  pass(200);
  expect(changes.take()).toEqual([]);
  pass(100);
  expect(changes.take()).toEqual(['from', 'to']);
  changes.add('whole');
  for (let beat = 0; beat < 6; beat += 1) {
    expect(changes.take()).toEqual([]);
    changes.add('log');
    pass(100);
  }
  expect(changes.take()).toEqual(['whole']);
});
