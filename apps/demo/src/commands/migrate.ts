// candy migrate …: the commands of cc-migrate on the library's own database and migrations.
import { runProgram } from '@cc/migrate/program';
import { migrationsFolder } from '@cc/schema';
import type { Output } from '../output.js';

/** Runs cc-migrate with `args` and returns its exit code. */
export async function migrateCommand(args: readonly string[], url: string, output: Output): Promise<number> {
  return runProgram([...args, ...(args.length === 0 ? ['--help'] : ['--folder', migrationsFolder])], {
    name: 'candy migrate',
    version: '',
    env: { CC_DATABASE_URL: url },
    print: (text) => void output.stdout.write(`${text}\n`),
    warn: (text) => void output.stderr.write(`${text}\n`),
    ask: null,
  });
}
