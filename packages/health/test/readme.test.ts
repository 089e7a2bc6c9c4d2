// The example of the README is a file that runs here, word for word.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('the README shows the example as it runs', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const example = await readFile(new URL('readme/report.ts', import.meta.url), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});

test('the example gives a status, the slowest statement and a report', async () => {
  const example = await import('./readme/report.js');
  expect(example).toMatchObject({ status: 'OK', reasons: [], result: [{ name: 'Gear' }], slowest: { calls: 1 } });
  expect(example.durationMs).toBeGreaterThan(0);
  expect(example.text).toMatch(/^Health of :memory: at .*: OK\n/);
  expect(example.text).toContain('insert into models (name) values (?)');
  expect(example.text).not.toContain('Gear');
});
