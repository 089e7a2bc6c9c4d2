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

test('the README shows the example of checks, advice, maintenance and load as it runs', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const source = await readFile(new URL('readme/upkeep.ts', import.meta.url), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${source}\`\`\``);
  const example = await import('./readme/upkeep.js');
  expect(example.checks.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
  expect(example).toMatchObject({
    fullScans: ['models'],
    advice: [{ sql: 'CREATE INDEX idx_models_name ON models (name)' }],
    needless: [],
    changes: [{ name: 'models', kind: 'table', change: 'changed' }],
    calls: 20,
  });
  expect(example.maintenance.map(({ task }) => task)).toEqual([
    'analyze',
    'fullText',
    'incrementalVacuum',
    'checkpoint',
  ]);
});
