// What migrations lose is measured on their rows, on every kind of target.
import { targets, testsOn } from '@cc/testkit/targets';
import { describe, expect } from 'vitest';
import { makeScratch } from '../scratch.js';
import { lossesIn, refusalOf } from './judged.js';
import { kinds } from './kinds.js';
import { broughtKinds, movedKinds, strangeKinds } from './moved-kinds.js';
import { namedKinds } from './named-kinds.js';
import { readKinds } from './read-kinds.js';
import { keylessKinds, severalKinds } from './several-kinds.js';

describe.each(targets)('measured on %s:', (target) => {
  const test = testsOn(target);
  const isLocal = target === 'file' || target === ':memory:';
  const all = [
    ...kinds,
    ...movedKinds,
    ...namedKinds,
    ...broughtKinds,
    ...keylessKinds,
    ...severalKinds,
    ...readKinds,
    ...strangeKinds,
  ].filter((kind) => isLocal || !kind.isLocal);
  test.each(all)('$name', async (kind) => {
    await using scratch = await makeScratch(target);
    const opened = await scratch.open();
    const refusal = await refusalOf(opened, scratch.folder, kind);
    expect([...lossesIn(refusal)].sort()).toEqual([...kind.loses].sort());
    const left = await opened.rows(`SELECT name FROM sqlite_schema WHERE name LIKE '\\_\\_cc\\_before%' ESCAPE '\\'`);
    expect(left.filter(({ name }) => !kind.before.includes(String(name)))).toEqual([]);
    expect(await opened.migrations.getCurrentVersion()).toBe(refusal === null ? '0001_change' : '0000_before');
  });
});
