// Packs every published package with pnpm, as publishing does, and reads what is in the tarball: nothing that only
// works inside this workspace, a README and a license, no sources and no tests, and of every source map the sources that
// it is of. Usage: packing.mjs <folder>
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
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
  problems.push(...faultsOfMaps(file, paths));
  for (const target of targets(JSON.parse(packed)))
    if (!paths.includes(target.slice(2))) problems.push(`${target} is named in package.json and not in the tarball`);
  return problems.map((problem) => `${manifest.name}: ${problem}`);
}

// A debugger follows a program to its map and the map to its sources, and shows them only where the map carries them.
function faultsOfMaps(file, paths) {
  const folder = mkdtempSync(join(tmpdir(), 'cc-packed-'));
  try {
    tar('-xzf', file, '-C', folder);
    const read = (path) => readFileSync(join(folder, 'package', path), 'utf8');
    return paths.flatMap((path) => {
      if (/\.[cm]?js$/.test(path)) {
        const [, map] = /^\/\/# sourceMappingURL=(.+)$/m.exec(read(path)) ?? [];
        const there = map === undefined || paths.includes(posix.join(posix.dirname(path), map));
        return there ? [] : [`${path} names ${map}, which is not in the tarball`];
      }
      if (!path.endsWith('.map')) return [];
      const { sources, sourcesContent = [] } = JSON.parse(read(path));
      const missing = sources.filter((_, n) => typeof sourcesContent[n] !== 'string');
      return missing.map((source) => `${path} is of ${source}, which neither it nor the tarball carries`);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
