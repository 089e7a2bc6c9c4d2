// `npm run test:consumers [versions]`: packs the packages, installs them outside the workspace with npm and with pnpm, and
// uses them there on Node 20, 22 and 24 (or those that are named); `checks/consumer.mjs` says how.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { installedNode, root } from './runtimes.mjs';

const named = process.argv.slice(2);
const versions = named.length > 0 ? named : ['20', '22', '24'];
const nodes = versions.map((version) => [version, installedNode(version)]);
const missing = nodes.filter(([, node]) => node === null).map(([version]) => version);
const packed = run('scripts/bootstrap.mjs', 'check', 'packing') === 0;
const failed = packed ? ['--npm', '--pnpm'].filter((manager) => !isUsable(manager)) : ['--npm', '--pnpm'];
if (missing.length > 0) process.stdout.write(`Not tried, because it cannot be installed: Node ${missing.join(', ')}\n`);
process.stdout.write(`${2 - failed.length} passed, ${failed.length + missing.length} failed\n`);
process.exitCode = failed.length + missing.length === 0 ? 0 : 1;

function isUsable(manager) {
  const programs = nodes.flatMap(([, node]) => node ?? []);
  const tarballs = join(root, 'node_modules', '.cache', 'tarballs');
  return run('scripts/checks/consumer.mjs', tarballs, '--whole', manager, ...programs) === 0;
}

function run(script, ...args) {
  const PATH = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH };
  return spawnSync(process.execPath, [script, ...args], { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}
