// The programs of docs/guides: every `ts` block of a guide is a file, named by its first line, that runs as it stands.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { onTestFinished } from 'vitest';

const examples = fileURLToPath(new URL('..', import.meta.url));
const guides = fileURLToPath(new URL('../../docs/guides/', import.meta.url));

/** One `ts` block of a guide. */
export interface GuideProgram {
  readonly file: string;
  readonly code: string;
  /** The `text` block behind it: what it prints, where `…` stands for any text; undefined when there is none. */
  readonly prints: string | undefined;
}

/** The guides and their programs, none of those `without`. @throws Error for a block without a name */
export async function readGuides(without: readonly string[]): Promise<ReadonlyMap<string, readonly GuideProgram[]>> {
  const names = (await readdir(guides)).filter((name) => name.endsWith('.md')).sort();
  return new Map(
    await Promise.all(
      names.map(async (name) => {
        const text = without.includes(name) ? '' : await readFile(join(guides, name), 'utf8');
        return [name, programsOf(name, text)] as const;
      }),
    ),
  );
}

function programsOf(guide: string, text: string): GuideProgram[] {
  const blocks = text.matchAll(/```ts\n(?<code>[^]*?)```\n(?:(?<between>[^`#]*?)```text\n(?<prints>[^]*?)```)?/g);
  return [...blocks].map(({ groups }) => {
    const { code = '', prints } = groups ?? {};
    const [, file] = /^\/\/ ([\w.-]+\.ts)\b/.exec(code) ?? [];
    if (file === undefined) throw new Error(`${guide}: a program has no name in its first line:\n${code}`);
    return { file, code, prints };
  });
}

/** Lays the programs of one guide into a folder of their own that finds the built packages. */
export async function layOut(programs: readonly GuideProgram[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-guide-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'node_modules'));
  const { resolve } = createRequire(import.meta.url);
  const modules = {
    '@cc': join(examples, 'node_modules/@cc'),
    'drizzle-orm': join(examples, 'node_modules/drizzle-orm'),
    vitest: dirname(resolve('vitest/package.json')),
  };
  for (const [name, target] of Object.entries(modules)) await symlink(target, join(folder, 'node_modules', name));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  // Limits that a busy machine does not meet, as for the tests of this workspace.
  const config = { test: { include: ['*.test.js'], testTimeout: 600_000, hookTimeout: 600_000 } };
  await writeFile(join(folder, 'vitest.config.js'), `export default ${JSON.stringify(config)};`);
  for (const { file, code } of programs) {
    // Node 20 knows no `using`.
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    await writeFile(join(folder, file.replace(/\.ts$/, '.js')), outputText);
  }
  return folder;
}

/** Runs one of them: a test with its runner, anything else with Node. */
export async function runIn(
  folder: string,
  { file, code }: GuideProgram,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const script = file.replace(/\.ts$/, '.js');
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  let args = [script];
  if (/from 'vitest'/.test(code)) args = [vitest, 'run', '--root', folder, script];
  else if (/from 'node:test'/.test(code)) args = ['--test', script];
  // The variables of the runner around this test would make another of the one inside.
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_TEST|TEST$|NODE_ENV)/.test(name));
  const child = spawn(process.execPath, args, { cwd: folder, env: Object.fromEntries(own) });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, output })));
}
