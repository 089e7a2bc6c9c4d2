// The command of the README's list runs the program on migrations, and it prints what happens.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));

it('up-and-down shows the way back, refuses to lose data, and gets the same schema again', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, file = 'the README has no such command'] = /^node (dist\/up-and-down\.js)$/m.exec(readme) ?? [];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
  expect(stderr).toBe('');
  expect(stdout).toBe(`written: 0000_parts (down manual), 0001_stars (down generated)
up: 0000_parts, 0001_stars
the way back from 0001_stars:
  DROP INDEX "idx_parts_stars";
  ALTER TABLE "parts" DROP COLUMN "stars"
would lose: parts.stars, 2 rows
refused: MIGRATION_DATA_LOSS
down: 0001_stars
kept: 1,gear 2,bolt 3,nut
up again: 0001_stars
the same schema as before: true
`);
});
