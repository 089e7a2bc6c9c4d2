// `npm run test:nodes`, or `node scripts/test-on-node.mjs 22 24 bun`: runs the tests on other Node versions than the one
// that is installed, and on Bun those of bundles and the smoke program (vitest itself runs on Node).
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { installedBun, installedNode, root, versionOf } from './runtimes.mjs';

const runtimes = process.argv.slice(2).filter((argument) => /^(bun|\d+(\.\d+){0,2})$/.test(argument));
if (runtimes.length === 0) {
  process.stderr.write('Usage: node scripts/test-on-node.mjs <version | bun ...>, for example 22 24 bun\n');
  process.exit(2);
}
const failed = runtimes.filter((runtime) => (runtime === 'bun' ? testOnBun() : testOnNode(runtime)) !== 0);
process.stdout.write(`${runtimes.length - failed.length} passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function testOnNode(version) {
  const node = installedNode(version);
  if (node === null) return 1;
  process.stdout.write(`━━ Node ${versionOf(node)}\n`);
  return test(node, [], { PATH: `${dirname(node)}${delimiter}${process.env.PATH}` });
}

function testOnBun() {
  const bun = installedBun();
  if (bun === null) return 1;
  process.stdout.write(`━━ Bun ${versionOf(bun)}\n`);
  return test(process.execPath, ['apps/demo/test/bundles.test.ts'], { CC_RUNTIME: bun });
}

function test(node, args, env) {
  const command = ['scripts/bootstrap.mjs', 'test', ...args];
  return spawnSync(node, command, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' }).status ?? 1;
}
