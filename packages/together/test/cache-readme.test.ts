// The examples of @cc/cache that need the transactions run here, word for word.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const folder = new URL('.', import.meta.url);

test.each(['bound', 'told'])('the README of @cc/cache shows the example %s as it runs', async (name) => {
  const readme = await readFile(new URL('../../cache/README.md', folder), 'utf8');
  const example = await readFile(new URL(`readme/${name}.ts`, folder), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});

test('a service that only reads through the cache is never stale', async () => {
  const { first, again, after } = await import('./readme/bound.js');
  expect(first).toEqual({ id: 7, name: 'gear' });
  expect(again).toBe(first);
  expect(after).toEqual({ id: 7, name: 'wheel' });
});

test('a service that tells what it replaces keeps the rest', async () => {
  expect(await import('./readme/told.js')).toMatchObject({ names: ['wheel', 'nut'], hits: 1 });
});
