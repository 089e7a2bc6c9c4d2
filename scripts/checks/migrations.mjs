// The migrations of packages/schema, or of the folder that is named: `cc-migrate check`, together with the schema code,
// `cc-migrate verify`, which takes each of them up, down and up again, and `cc-migrate bundle --check`, which compares the
// module of packages/schema with its folder. Runs what `build` has made of packages/migrate.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { root } from './packages.mjs';

const cwd = join(root, 'packages', 'schema');
const [named] = process.argv.slice(2);
const folder = ['--folder', named === undefined ? './migrations' : resolve(named)];
const code = named === undefined ? ['--config', 'drizzle.config.ts'] : ['--no-code'];
const program = join(root, 'packages', 'migrate', 'dist', 'cli.js');
const { CC_DATABASE_URL: _, ...env } = process.env;

for (const args of [
  ['check', ...folder, ...code],
  ['verify', ...folder],
  ...(named === undefined ? [['bundle', ...folder, '--out', 'src/migrations.ts', '--check']] : []),
]) {
  const { status, error } = spawnSync(process.execPath, [program, ...args], { cwd, env, stdio: 'inherit' });
  if (error) process.stdout.write(`${error}\n`);
  if (status !== 0) process.exitCode = 1;
}
