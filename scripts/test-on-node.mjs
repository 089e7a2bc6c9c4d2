// `npm run test:nodes`, or `node scripts/test-on-node.mjs 22 24 bun deno`: runs the tests on other Node versions than the one
// that is installed, and on Bun and Deno those of bundles and the smoke program (vitest itself runs on Node).
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { installedBun, installedDeno, installedNode, root, versionOf } from './runtimes.mjs';

const runtimes = process.argv.slice(2).filter((argument) => /^(bun|deno|\d+(\.\d+){0,2})$/.test(argument));
if (runtimes.length === 0) {
  process.stderr.write('Usage: node scripts/test-on-node.mjs <version | bun | deno ...>, for example 22 24 bun deno\n');
  process.exit(2);
}
/** Other runtimes than Node, and what stands in front of a program there. */
const others = {
  bun: { title: 'Bun', installed: installedBun, flags: '' },
  deno: { title: 'Deno', installed: installedDeno, flags: 'run -A' },
};
const failed = runtimes.filter((each) => (others[each] ? testOnOther(others[each]) : testOnNode(each)) !== 0);
process.stdout.write(`${runtimes.length - failed.length} passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function testOnNode(version) {
  const node = installedNode(version);
  if (node === null) return 1;
  process.stdout.write(`━━ Node ${versionOf(node)}\n`);
  return test(node, [], { PATH: `${dirname(node)}${delimiter}${process.env.PATH}` });
}

function testOnOther({ title, installed, flags }) {
  const program = installed();
  if (program === null) return 1;
  process.stdout.write(`━━ ${title} ${versionOf(program)}\n`);
  const env = { CC_RUNTIME: program, CC_RUNTIME_FLAGS: flags };
  return test(process.execPath, ['apps/demo/test/bundles.test.ts'], env);
}

function test(node, args, env) {
  const command = ['scripts/bootstrap.mjs', 'test', ...args];
  return spawnSync(node, command, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' }).status ?? 1;
}
