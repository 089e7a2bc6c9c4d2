// What the next release would be, on a copy of what `changeset version` reads.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
}

const published = readdirSync('packages').filter((name) => !manifestOf('.', name).private);
const changesets = readdirSync('.changeset').filter((name) => name.endsWith('.md') && name !== 'README.md');

function manifestOf(folder: string, name: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'packages', name, 'package.json'), 'utf8')) as Manifest;
}

/** Runs `changeset version` in a copy, and returns its folder. */
function release(): string {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const workspaces = ['packages', 'apps'].flatMap((group) => readdirSync(group).map((name) => join(group, name)));
  const manifests = ['.', 'bench', 'examples', ...workspaces].map((each) => join(each, 'package.json'));
  const logs = published.map((name) => join('packages', name, 'CHANGELOG.md'));
  for (const file of ['.changeset', 'pnpm-workspace.yaml', ...manifests, ...logs].filter((each) => existsSync(each))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(file, join(folder, file), { recursive: true });
  }
  const git = (...args: string[]) => ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args];
  for (const args of [git('init', '--quiet'), git('add', '.'), git('commit', '--quiet', '--no-verify', '-m', 'a')])
    expect(spawnSync('git', args, { cwd: folder }).status).toBe(0);
  const program = resolve('node_modules/@changesets/cli/bin.js');
  const { status, stderr } = spawnSync(process.execPath, [program, 'version'], { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return folder;
}

test('the changesets raise all packages to one version, and make logs of what was written', () => {
  const folder = release();
  const [before = '', ...others] = new Set(published.map((name) => manifestOf('.', name).version));
  expect(others).toEqual([]);
  const [version = '', ...more] = new Set(published.map((name) => manifestOf(folder, name).version));
  expect(more).toEqual([]);
  if (before === '0.0.0') expect(version).toBe('0.1.0');
  expect(version === before).toBe(changesets.length === 0);
  for (const name of published) {
    const log = readFileSync(join(folder, 'packages', name, 'CHANGELOG.md'), 'utf8');
    expect(log.split(/\n+/).slice(0, 2)).toEqual([`# @cc/${name}`, `## ${version}`]);
    expect(log).not.toMatch(/Updated dependencies|\b[0-9a-f]{7}: /);
  }
  expect(readdirSync(join(folder, '.changeset')).filter((name) => changesets.includes(name))).toEqual([]);
});

test.each(changesets)('%s begins with the API that it is about', (name) => {
  const text = readFileSync(join('.changeset', name), 'utf8');
  expect(text.trimStart()).toMatch(/^---\n(?:['"]@cc\/\w+['"]: (?:minor|patch|major)\n)+---\n+`[^`\n]+`/);
});
