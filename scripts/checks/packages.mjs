// The published packages as the checks see them, read from their package.json files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Every published package in order of name: `{ folder, manifest, entries }`, `entries` as [import path, exports value]. */
export function publishedPackages() {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => [folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))])
    .filter(([, manifest]) => manifest.private !== true)
    .map(([folder, manifest]) => {
      const entries = Object.entries(manifest.publishConfig?.exports ?? manifest.exports)
        .filter(([, target]) => typeof target === 'object')
        .map(([path, target]) => [manifest.name + path.slice(1), target]);
      return { folder, manifest, entries };
    });
}

/** Prints the problems and makes the process fail, when there are any. */
export function conclude(problems, praise) {
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  if (problems.length === 0) process.stdout.write(`${praise}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
