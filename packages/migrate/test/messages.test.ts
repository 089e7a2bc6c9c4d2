// Every refusal names the file, the statement, the object and the next command. Each code is provoked as a user would meet it, and
// its message is read for the four; where one cannot apply, the table says why. A code without a case fails.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recorded } from './messages/recorded.js';
import { running } from './messages/running.js';
import { stage } from './messages/stage.js';
import { tools } from './messages/tools.js';

const cases = { ...recorded, ...running, ...tools };

beforeEach(() => stage.open());
afterEach(() => stage.close());

test('every code has a case', async () => {
  const source = await readFile(join(import.meta.dirname, '..', 'src', 'errors.ts'), 'utf8');
  const [, table = ''] = /const types: [^{]*\{([^}]*)\}/.exec(source) ?? [];
  const faults = [...table.matchAll(/^ {2}(\w+):/gm)].map(([, fault]) => fault ?? '');
  expect(faults.length).toBeGreaterThan(20);
  expect(Object.keys(cases).sort()).toEqual(faults.sort());
});

describe.each(Object.entries(cases))('MIGRATION_%s', (fault, list) => {
  test.each(list.map((each, index) => [index, each] as const))(
    'case %d names file, statement, object and next command',
    async (_, { provoke, file, statement, object, next }) => {
      const message = await provoke();
      expect(message).toContain(`[MIGRATION_${fault.toUpperCase()}]`);
      for (const wanted of [file, statement, object, next])
        if (wanted instanceof RegExp) expect(message).toMatch(wanted);
      expect(message).not.toMatch(/status\(\)|: …|undefined|\[object/);
    },
  );
});
