// verifyIndex of a large library: it tells how far it is, and ends when it is told to.
import { describe, expect, test } from 'vitest';
import type { NewModel } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

describe('verifyIndex', () => {
  test('tells of all models as it compares them, and ends between two of its steps', async () => {
    await using library = await openLibrary(':memory:');
    await library.models.createMany(
      Array.from({ length: 600 }, (_, at): NewModel => ({ model: modelInput(`gear ${at}`) })),
    );
    const told: string[] = [];
    const onProgress = ({ done, total }: { readonly done: number; readonly total: number }) =>
      void told.push(`${done} of ${total}`);
    expect(await library.search.verifyIndex({ onProgress })).toEqual({ ok: true, problems: [] });
    expect(told).toEqual(['0 of 600', '250 of 600', '500 of 600', '600 of 600']);
    const end = new AbortController();
    const ended = library.search.verifyIndex({ signal: end.signal, onProgress: () => end.abort(new Error('enough')) });
    await expect(ended).rejects.toThrow('enough');
    await expect(library.search.verifyIndex({ onprogress: () => {} } as never)).rejects.toThrow('onProgress');
  });
});
