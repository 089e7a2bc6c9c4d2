// reindex of a large library: no limit of time ends it, it tells how far it is, and what it is told to end is as before.
import { schema } from '@cc/schema';
import { describeWithSqld } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import { describe, expect, test } from 'vitest';
import { createRepositories, type NewModel } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

const some = (count: number): NewModel[] =>
  Array.from({ length: count }, (_, at): NewModel => ({ model: modelInput(`M3x${at} gear`) }));

describe('reindex', () => {
  test('is done however much longer than transactionTimeoutMs it takes', async () => {
    await using library = await openLibrary('file');
    await library.models.createMany(some(600));
    await library.transactions.db.run("update models set search_extra = ''");
    // What makes 600 texts anew takes longer than this.
    const url = library.transactions.url;
    await using hurried = await openTransactionManager({ url, schema, transactionTimeoutMs: 1 });
    await createRepositories(hurried).search.reindex();
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('tells how far it is, and leaves everything as it was when it is ended', async () => {
    await using library = await openLibrary('file');
    await library.models.createMany(some(600));
    await library.transactions.db.run("update models set search_extra = ''");
    const wrong = await library.search.verifyIndex();
    const told: string[] = [];
    const onProgress = ({ done, total }: { readonly done: number; readonly total: number }) =>
      void told.push(`${done} of ${total}`);
    const end = new AbortController();
    const ended = library.search.reindex({
      signal: end.signal,
      onProgress: ({ done }) => done > 1_200 && end.abort(new Error('enough')),
    });
    await expect(ended).rejects.toThrow('enough');
    expect(await library.search.verifyIndex()).toEqual(wrong);
    await library.search.reindex({ onProgress });
    const steps = [0, 500, 600, 850, 1_100, 1_200, 1_700, 1_800, 1_800];
    expect(told).toEqual(steps.map((done) => `${done} of 1800`));
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
    await expect(library.search.reindex({ onprogress: () => {} } as never)).rejects.toThrow('onProgress');
  });
});

describeWithSqld('reindex on a server', () => {
  test('is done however much longer than transactionTimeoutMs it takes, as long as the server answers', async () => {
    await using library = await openLibrary('http');
    await library.models.createMany(some(3));
    await library.transactions.db.run("update models set search_extra = ''");
    // What begins and commits has to be answered in this time.
    const transactionTimeoutMs = 3_000;
    const { url } = library.transactions;
    await using hurried = await openTransactionManager({ url, schema, transactionTimeoutMs });
    let isHeld = false;
    const hold = (): void => {
      if (!isHeld) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, transactionTimeoutMs + 500);
      isHeld = true;
    };
    await createRepositories(hurried).search.reindex({ onProgress: hold });
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });
});
