// candy forget --missing when a whole disk is gone: some models at a time, and what it is ended in is taken up again.
import { expect, test } from 'vitest';
import { forgetCommand } from '../src/commands/forget.js';
import { openLibrary } from '../src/library.js';
import { createOutput } from '../src/output.js';
import { sampleModel } from '../src/sample/many-models.js';

test('any number of missing models goes in transactions of bounded size, which Ctrl-C ends between two', async () => {
  await using library = await openLibrary(':memory:');
  const { models } = library.repositories;
  const missing = Array.from({ length: 1_200 }, (_, number) => ({
    model: { ...sampleModel(7, number).model, status: 'missing' as const },
  }));
  await models.createMany(missing, { onDuplicateHash: 'allow' });
  const told: string[] = [];
  const silent = { write: (text: string) => void told.push(text) };
  const output = createOutput({ stdout: silent, stderr: silent, interactive: false }, { jsonl: true });
  const end = new AbortController();
  let commits = 0;
  library.transactions.subscribe((event) => {
    if (event.type !== 'transaction' || event.phase !== 'commit') return;
    commits += 1;
    end.abort();
  });
  const forget = { ids: 'missing', isForced: false } as const;
  expect(await forgetCommand(library, forget, output, end.signal)).toBe(130);
  expect(JSON.parse(told.join(''))).toMatchObject({ forgotten: { length: 500 }, interrupted: true });
  expect(await models.count({ statuses: ['missing'] })).toBe(700);
  expect(await forgetCommand(library, forget, output, new AbortController().signal)).toBe(0);
  expect(await models.count()).toBe(0);
  expect(commits).toBe(3);
});
