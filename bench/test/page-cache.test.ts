import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dropFromPageCache, residentBytes } from '../harness/page-cache.js';

it('leaves the file as it is, and knows no less about it than before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cc-bench-test-'));
  try {
    const path = join(folder, 'some.bin');
    const content = Buffer.alloc(4 * 2 ** 20, 'x');
    await writeFile(path, content);
    const before = residentBytes(path);
    const { residentBytes: after } = dropFromPageCache(path);
    // Where the programs are there, pages may be gone; a file system in memory keeps them.
    if (before !== null) expect(after ?? 0).toBeLessThanOrEqual(before);
    expect((await readFile(path)).equals(content)).toBe(true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('knows nothing of a file that is not there', () => {
  expect(dropFromPageCache(join(tmpdir(), 'no', 'such.file'))).toEqual({ residentBytes: null });
});
