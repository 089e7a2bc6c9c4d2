// candy migrate …: the commands of cc-migrate on the library's own database and migrations.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Command } from 'commander';
import { makeFolderOf } from '../location.js';
import type { Output } from '../output.js';
import { harmless } from '../terminal.js';
import type { CommonFlags } from './surroundings.js';

// `migrationsFolder` of @cc/schema is beside its own code, and that is bundled into this program.
const migrationsFolder = join(createRequire(import.meta.url).resolve('@cc/schema/package.json'), '..', 'migrations');

/** Adds the command to the program. Its arguments and flags are those of cc-migrate, which `migrate` runs. */
export function addMigrateCommand(
  program: Command,
  migrate: (args: readonly string[], flags: CommonFlags) => Promise<void>,
): void {
  program
    .command('migrate')
    .description('migrate the library: up, down, status, history, plan')
    .argument('[arguments...]')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action((args: string[]) =>
      migrate(
        args.filter((arg) => arg !== '--jsonl'),
        args.includes('--jsonl') ? { jsonl: true } : {},
      ),
    );
}

/** Runs cc-migrate with `args` and returns its exit code. `name` is how messages call it; `onAnswer` is called before anything is written. */
export async function migrateCommand(
  args: readonly string[],
  { url, authToken }: { readonly url: string; readonly authToken?: string },
  name: string,
  output: Output,
  onAnswer: () => void = () => undefined,
): Promise<number> {
  if (makesFile.has(args[0] ?? '')) await makeFolderOf(url);
  // Loaded when it is asked for: every other command would wait for it.
  const { runProgram } = await import('@cc/migrate/program');
  return await runProgram([...args, ...(args.length === 0 ? [] : ['--folder', migrationsFolder, '--no-config'])], {
    name,
    version: '',
    only,
    env: { CC_DATABASE_URL: url, CC_AUTH_TOKEN: authToken },
    print: (text) => {
      onAnswer();
      output.stdout.write(`${harmless(output.jsonl ? JSON.stringify(JSON.parse(text)) : text)}\n`);
    },
    warn: (text) => {
      onAnswer();
      output.stderr.write(`${harmless(text)}\n`);
    },
    ask: null,
    keepTemporaryFiles: (place) => void (process.env['SQLITE_TMPDIR'] ??= place),
  });
}

/** The folder comes with this program: what would write into it is left out. */
const only = [
  ...['up', 'down', 'redo', 'goto', 'status', 'history', 'plan'],
  ...['check', 'verify', 'diff', 'baseline', 'repair', 'restore'],
];

/** Others look, and make nothing. */
const makesFile: ReadonlySet<string> = new Set(['up', 'down', 'redo', 'goto', 'baseline', 'repair']);
