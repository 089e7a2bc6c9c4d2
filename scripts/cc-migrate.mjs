// `node scripts/cc-migrate.mjs <arguments>`: the workspace's own cc-migrate in the current folder, built first (cached).
// For the db: scripts of packages/schema, which must not depend on packages/migrate.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PATH = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
const turbo = [join(root, 'node_modules', 'turbo', 'bin', 'turbo'), 'run', 'build', '--filter=@cc/migrate...'];

const built = spawnSync(process.execPath, [...turbo, '--output-logs=errors-only'], {
  cwd: root,
  encoding: 'utf8',
  env: { ...process.env, PATH, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
});
if (built.status !== 0) {
  process.stderr.write(`${built.error ?? ''}${built.stdout}${built.stderr}`);
  process.exit(1);
}
const program = join(root, 'packages', 'migrate', 'dist', 'cli.js');
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
