// candy migrate …: the commands of cc-migrate on the library's own database and migrations.
import { runProgram } from '@cc/migrate/program';
import { migrationsFolder } from '@cc/schema';
import { makeFolderOf } from '../location.js';
import type { Output } from '../output.js';

/** Runs cc-migrate with `args` and returns its exit code. `name` is how messages call it. */
export async function migrateCommand(
  args: readonly string[],
  { url, authToken }: { readonly url: string; readonly authToken?: string },
  name: string,
  output: Output,
): Promise<number> {
  if (makesFile.has(args[0] ?? '')) await makeFolderOf(url);
  return runProgram([...args, ...(args.length === 0 ? ['--help'] : ['--folder', migrationsFolder, '--no-config'])], {
    name,
    version: '',
    env: { CC_DATABASE_URL: url, CC_AUTH_TOKEN: authToken },
    print: (text) => void output.stdout.write(`${text}\n`),
    warn: (text) => void output.stderr.write(`${text}\n`),
    ask: null,
  });
}

/** Others look, and make nothing. */
const makesFile: ReadonlySet<string> = new Set(['up', 'down', 'redo', 'goto', 'baseline', 'repair']);
