// Packs every published package with pnpm, as publishing does, and reads what is in the tarball: nothing that only
// works inside this workspace, a README and a license, no sources and no tests. Usage: packing.mjs <folder>
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { conclude, publishedPackages } from './packages.mjs';

const destination = process.argv[2];
mkdirSync(destination, { recursive: true });
conclude(publishedPackages().flatMap(problemsOf), 'every package packs');

function problemsOf({ folder, manifest }) {
  const { status, stdout, stderr } = spawnSync('pnpm', ['pack', '--pack-destination', destination], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) return [`${manifest.name} does not pack:\n${stdout}${stderr}`];
  const file = join(destination, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`);
  const packed = tar('-xOzf', file, 'package/package.json');
  const paths = tar('-tzf', file)
    .trim()
    .split('\n')
    .map((path) => path.replace('package/', ''));
  const problems = [];
  for (const protocol of ['workspace:', 'catalog:', 'link:', '@cc/source']) {
    if (packed.includes(protocol)) problems.push(`the packed package.json still says "${protocol}"`);
  }
  for (const required of ['README.md', 'LICENSE'])
    if (!paths.includes(required)) problems.push(`${required} is not in the tarball`);
  for (const path of paths) if (/^(src|test)\//.test(path)) problems.push(`${path} is in the tarball`);
  for (const target of targets(JSON.parse(packed)))
    if (!paths.includes(target.slice(2))) problems.push(`${target} is named in package.json and not in the tarball`);
  return problems.map((problem) => `${manifest.name}: ${problem}`);
}

// Every file that `exports` and `bin` promise.
function targets({ exports = {}, bin = {} }) {
  const flat = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(flat));
  return [...new Set([...flat(exports), ...flat(bin)])].filter((target) => !target.includes('*'));
}

function tar(...args) {
  const { status, stdout, stderr } = spawnSync('tar', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`tar ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
