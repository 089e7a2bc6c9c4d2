// The global setup of the vitest project `programs`: builds every package and program once, before tests start child
// processes from `dist`. Turbo caches it, so a second run costs a fraction of a second. A build that fails is handed to
// `require-build.mjs`, which fails the test files that need it; all other tests still run.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Builds the workspace and provides `buildFailure`: the output of a build that failed, or null. */
export function setup(project) {
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  const built = spawnSync(
    process.execPath,
    [turbo, 'run', 'build', '--filter=!@cc/bench', '--output-logs=errors-only'],
    {
      cwd: root,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`,
        TURBO_TELEMETRY_DISABLED: '1',
      },
    },
  );
  project.provide('buildFailure', built.status === 0 ? null : `${built.error ?? ''}${built.stdout}${built.stderr}`);
}
