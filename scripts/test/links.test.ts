// The check of links, on a small repository made on the spot: what it refuses, and what it lets pass.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const check = resolve('scripts/checks/links.mjs');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'links-'));
  execFileSync('git', ['init', '--quiet', folder]);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const sound: Readonly<Record<string, string>> = {
  'docs/README.md': '# Pages\n\n[bread](bread.md#what-it-costs-and-why)',
  'docs/bread.md': '# Bread\n\n## What it `costs`, and why\n\n[up](../shop) ![seen](images/loaf.png)',
  'docs/images/loaf.png': '',
  'shop/till.ts': '',
  'packages/shop/package.json': JSON.stringify({ name: '@cc/shop', files: ['dist', 'CHANGELOG.md'] }),
  'packages/shop/README.md': '# Shop\n\n[license](LICENSE) [below](#shop) `docs/bread.md`',
};

function problems(files: Readonly<Record<string, string>>): readonly string[] {
  for (const [name, text] of Object.entries({ ...sound, ...files })) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { stdout, stderr, status } = spawnSync(process.execPath, [check, folder], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([stdout.includes('lead somewhere') ? 0 : 1, '']);
  return stdout.trimEnd().split('\n');
}

test('lets links pass that lead to a file, a folder or a heading, and does not read code', () => {
  const page = [
    '# Shop',
    '`[no](link.md)` [out](https://example.org/x#y) [twice](#again-1) <a id="here"></a> [there](#here) [named][bread]',
    '```md\n[no](link.md)\n# no heading\n```',
    '<!-- [no](link.md) -->',
    '## Again\n## Again\n[bread]: docs/bread.md#bread',
  ].join('\n\n');
  expect(problems({ 'README.md': page })).toEqual(['9 links of 4 pages lead somewhere']);
});

test('refuses files, headings and definitions that are not there', () => {
  const page =
    '[a](docs/Bread.md) [b](docs/bread.md#bred) [c](#top)\n\n![d](loaf.png) <img src="e.png"> [f][g] [h](/x)';
  expect(problems({ 'README.md': page })).toEqual([
    'README.md:1  docs/Bread.md leads to nothing',
    'README.md:1  docs/bread.md#bred names no heading of docs/bread.md',
    'README.md:1  #top names no heading of README.md',
    'README.md:3  loaf.png leads to nothing',
    'README.md:3  e.png leads to nothing',
    'README.md:3  [f][g] has no definition',
    'README.md:3  /x is no relative link',
  ]);
});

test('refuses links of a published page that lead out of its tarball, in words too', () => {
  const files = {
    'packages/shop/README.md': '[bread](../../docs/bread.md) [till](src/till.ts) [none](#none) `docs/cake.md`',
    'packages/shop/src/till.ts': '',
    '.changeset/first.md': '`shop` has [bread](../docs/bread.md)',
  };
  const hint = 'leads out of the tarball of @cc/shop: name the page in words, or give a whole URL';
  expect(problems(files)).toEqual([
    '.changeset/first.md:1  ../docs/bread.md is relative, and ends in the CHANGELOG of a package',
    `packages/shop/README.md:1  ../../docs/bread.md ${hint}`,
    `packages/shop/README.md:1  src/till.ts ${hint}`,
    'packages/shop/README.md:1  #none names no heading of packages/shop/README.md',
    'packages/shop/README.md  docs/cake.md is not there',
  ]);
});

test('refuses a page of docs that the entrance does not name', () => {
  expect(problems({ 'docs/guides/cake.md': '# Cake' })).toEqual(['docs/README.md does not name docs/guides/cake.md']);
});
