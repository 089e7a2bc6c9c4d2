// What a package costs on disk with everything that it needs to run.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Packages and bytes. */
export interface InstalledSize {
  readonly packages: number;
  readonly bytes: number;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly files?: readonly string[];
}

/**
 * Returns the size of the packages `names` as the package in `folder` resolves them, each with its dependencies and required
 * peers, counted once. Of a package of this workspace only what is published counts; of a compiled one the result, not what
 * the compiler left. @throws Error when a package is not installed
 */
export function installedSize(folder: string, names: readonly string[]): InstalledSize {
  const found = new Set<string>();
  const visit = (from: string, name: string, isOptional: boolean): void => {
    const place = placeOf(from, name);
    if (place === undefined) {
      if (isOptional) return;
      throw new Error(`${name} is not installed for ${from}`);
    }
    if (found.has(place)) return;
    found.add(place);
    const manifest = manifestOf(place);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    for (const each of Object.keys(dependencies)) visit(place, each, each in optionalDependencies);
    for (const each of Object.keys(optionalDependencies)) visit(place, each, true);
    for (const each of Object.keys(peerDependencies))
      if (peerDependenciesMeta[each]?.optional !== true) visit(place, each, true);
  };
  for (const name of names) visit(realpathSync(folder), name, false);
  const bytes = [...found].reduce((sum, place) => sum + sizeOf(place), 0);
  return { packages: found.size, bytes };
}

function placeOf(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return realpathSync(place);
    if (folder === dirname(folder)) return undefined;
  }
}

function manifestOf(place: string): Manifest {
  // Every package.json that a package manager installs has this form.
  return JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as Manifest;
}

function sizeOf(place: string): number {
  const isOurs = !place.includes('node_modules');
  const { files = [] } = isOurs ? manifestOf(place) : {};
  // Of ours the folders and files by name; patterns that leave something out do not matter here.
  const published = isOurs ? files.filter((file) => !/[*!]/.test(file) && existsSync(join(place, file))) : ['.'];
  return published.reduce((sum, file) => sum + bytesBelow(join(place, file), false), 0);
}

function bytesBelow(path: string, isBuild: boolean): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return isBuild && !path.endsWith('.node') ? 0 : stat.size;
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && !entry.isSymbolicLink())
    .reduce((sum, { name }) => sum + bytesBelow(join(path, name), isBuild || name === 'build'), 0);
}
