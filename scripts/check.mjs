// `npm run check [names]`: every static check of the repository, two at a time, all of them even when one fails.
// The last line is `N passed, N failed`. The checks that are ours live in `checks/`; each also runs on its own.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tarballs = join(root, 'node_modules', '.cache', 'tarballs');
const concurrency = 2;

// `after` names the check whose files this one reads. The long chain comes first.
const checks = [
  { name: 'build', command: ['turbo', 'run', 'build', 'build:types', '--output-logs=errors-only', '--continue'] },
  { name: 'formatting', command: ['biome', 'check', '--linter-enabled=false', '.'] },
  { name: 'imports', command: ['node', 'scripts/checks/imports.mjs'] },
  { name: 'code blocks', command: ['node', 'scripts/checks/code-blocks.mjs'] },
  { name: 'reference', command: ['node', 'scripts/write-reference.mjs'] },
  { name: 'links', command: ['node', 'scripts/checks/links.mjs'] },
  { name: 'package arrows', command: ['turbo', 'boundaries'] },
  { name: 'house rules', command: ['node', 'scripts/checks/house-rules.mjs'] },
  { name: 'regular expressions', command: ['node', 'scripts/checks/regular-expressions.mjs'] },
  { name: 'packing', after: 'build', command: ['node', 'scripts/checks/packing.mjs', tarballs] },
  { name: 'public api', after: 'build', command: ['node', 'scripts/checks/public-api.mjs'] },
  { name: 'migrations', after: 'build', command: ['node', 'scripts/checks/migrations.mjs'] },
  { name: 'consumer', after: 'packing', command: ['node', 'scripts/checks/consumer.mjs', tarballs] },
  {
    name: 'publint',
    after: 'packing',
    command: ['node', 'scripts/checks/each-tarball.mjs', tarballs, 'publint', 'run', '--strict'],
  },
  {
    name: 'are the types wrong',
    after: 'packing',
    command: ['node', 'scripts/checks/each-tarball.mjs', tarballs, 'attw', '--profile', 'esm-only'],
  },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'unused code', command: ['knip'] },
  {
    name: 'types',
    command: ['turbo', 'run', 'typecheck', 'typecheck:root', '--output-logs=errors-only', '--continue'],
  },
];

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
    process.exit(130);
  });
}

const wanted = selection(process.argv.slice(2));
rmSync(tarballs, { recursive: true, force: true });
mkdirSync(tarballs, { recursive: true });
const results = await runAll(wanted);
const failed = [...results.values()].filter((passed) => !passed).length;
process.stdout.write(`\n${results.size - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

// A check brings the ones it needs.
function selection(names) {
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `No check is called ${unknown.join(', ')}. There are: ${checks.map((check) => check.name).join(', ')}\n`,
    );
    process.exit(2);
  }
  const chosen = new Set(names.length > 0 ? names : checks.map((check) => check.name));
  for (const check of [...checks].reverse()) if (chosen.has(check.name) && check.after) chosen.add(check.after);
  return checks.filter((check) => chosen.has(check.name));
}

async function runAll(list) {
  const waiting = [...list];
  const finished = new Map();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (waiting.length > 0) {
        const ready = waiting.findIndex((check) => check.after === undefined || finished.has(check.after));
        if (ready === -1) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          continue;
        }
        const [check] = waiting.splice(ready, 1);
        finished.set(check.name, await runOne(check));
      }
    }),
  );
  return finished;
}

async function runOne(check) {
  const started = performance.now();
  const { code, output } = await run(check.command);
  report(check.name, code === 0, performance.now() - started, output);
  return code === 0;
}

function report(name, passed, elapsedMs, output) {
  const title = ` ${name}: ${passed ? 'passed' : 'FAILED'} in ${(elapsedMs / 1000).toFixed(1)} s `;
  process.stdout.write(`${`──${title}`.padEnd(80, '─')}\n`);
  if (!passed) process.stdout.write(`${output.trimEnd()}\n${`── end of ${name} `.padEnd(80, '─')}\n`);
}

function run([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command === 'node' ? process.execPath : command, args, {
      cwd: root,
      env: {
        ...process.env,
        PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`,
        TURBO_TELEMETRY_DISABLED: '1',
        DO_NOT_TRACK: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: `${error}\n` }));
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code, output });
    });
  });
}
