// How far a copy is, while its index is made anew as well, and that it ends there when it is told to.
import { expect, test } from 'vitest';
import { copyLibrary } from '../../src/copy/copy-library.js';
import { openLibrary } from '../../src/library.js';
import { sampleModel } from '../../src/sample/many-models.js';

test('a copy tells each of its steps, and ends in any of them', async () => {
  await using source = await openLibrary(':memory:');
  const items = Array.from({ length: 600 }, (_, number) => ({ model: sampleModel(7, number).model }));
  await source.repositories.models.createMany(items, { onDuplicateHash: 'allow' });
  const begun = new Set<string>();
  {
    await using target = await openLibrary(':memory:');
    await copyLibrary(source, target, { onProgress: (step) => void begun.add(step) });
  }
  expect([...begun]).toEqual(['copying', 'indexing', 'checking', 'comparing']);
  for (const step of begun) {
    await using target = await openLibrary(':memory:');
    const end = new AbortController();
    let last = '';
    const copying = copyLibrary(source, target, {
      signal: end.signal,
      onProgress: (now) => {
        last = now;
        if (now === step) end.abort(new Error('enough'));
      },
    });
    await expect(copying).rejects.toThrow('enough');
    expect(last).toBe(step);
  }
});
