// The examples of the README are files that run here, word for word.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const folder = new URL('.', import.meta.url);

test.each(['read-through', 'lease'])('the README shows the example %s as it runs', async (name) => {
  const readme = await readFile(new URL('../README.md', folder), 'utf8');
  const example = await readFile(new URL(`readme/${name}.ts`, folder), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});

test('two callers share one query, and an invalidation asks for another', async () => {
  expect(await import('./readme/read-through.js')).toMatchObject({ queries: 2, hits: 0, misses: 3, fills: 2 });
});

test('what was read before a change is not kept', async () => {
  expect(await import('./readme/lease.js')).toMatchObject({ kept: false });
});
