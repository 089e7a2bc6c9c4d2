// The check of code blocks, on a small repository made on the spot: what it refuses, and what it lets pass.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const check = resolve('scripts/checks/code-blocks.mjs');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'code-blocks-'));
  execFileSync('git', ['init', '--quiet', folder]);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Table {
  readonly claims?: readonly object[];
  readonly beside?: object;
}

function problems({ claims = [], beside = {} }: Table, files: Readonly<Record<string, string>>): readonly string[] {
  const table = `export const claims = ${JSON.stringify(claims)}; export const beside = ${JSON.stringify(beside)};`;
  const whole = {
    'scripts/checks/block-claims.mjs': table,
    'package.json': '{ "scripts": { "bake": "" } }',
    'tsconfig.base.json': '{ "compilerOptions": { "strict": true, "lib": ["ES2023"], "types": [], "noEmit": true } }',
    ...files,
  };
  for (const [name, text] of Object.entries(whole)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { stdout, stderr, status } = spawnSync(process.execPath, [check, folder], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([stdout.includes('accounted for') ? 0 : 1, '']);
  return stdout.trimEnd().split('\n');
}

const block = (language: string, ...lines: string[]): string => `\`\`\`${language}\n${lines.join('\n')}\n\`\`\`\n`;

test('lets pass what compiles with what stands beside it, and what a test or a reason claims', () => {
  const page = [
    block('ts', 'export const loaf: Loaf = { grams: 500 };'),
    `## Run\n\n${block('sh', 'npm run bake')}`,
    block('ts', `import { salt } from './salt.js';`, 'export const grams: number = salt;'),
    block('ts', '// salt.ts', 'export const salt = 5;'),
  ].join('\n');
  const claims = [{ page: 'docs/bread.md', under: 'Run', languages: ['sh'], by: 'test/bread.test.ts' }];
  const beside = { 'docs/bread.md#': { code: 'interface Loaf { readonly grams: number }' } };
  const files = { 'docs/bread.md': page, 'test/bread.test.ts': 'reads bread.md, its part Run' };
  expect(problems({ claims, beside }, files)).toEqual(['4 blocks of 1 pages are accounted for, 3 programs typecheck']);
});

test('takes the blocks of a page for one program where it is told so', () => {
  const page = `${block('ts', 'export const a: number = 1;')}\n${block('ts', 'export const b: string = a;')}`;
  expect(problems({ beside: { 'bread.md': { together: true } } }, { 'bread.md': page })).toEqual([
    `bread.md:6  Type 'number' is not assignable to type 'string'.`,
  ]);
});

test('refuses what nothing runs, scripts that are not there, and claims of nothing', () => {
  const page = `${block('', 'drawing')}${block('sql', 'select 1')}${block('sh', 'npm run fry', 'npm run bake')}`;
  const claims = [
    { page: 'bread.md', languages: ['sh'], by: 'test/none.test.ts' },
    { page: 'bread.md', languages: ['python'], because: 'it was so' },
    { page: 'bread.md', under: 'Run', languages: ['sql'], by: 'package.json' },
  ];
  expect(problems({ claims, beside: { 'cake.md': {} } }, { 'bread.md': page })).toEqual([
    'bread.md:1  a block says its language; what is no code is "text"',
    'bread.md:4  nothing runs this sql: name the test in block-claims.mjs, or why there is none',
    'bread.md:7  package.json has no script "fry"',
    'block-claims.mjs: the claim of bread.md (sh) names test/none.test.ts, which is not there',
    'block-claims.mjs: the claim of bread.md (python) is for no block',
    'block-claims.mjs: the claim of bread.md, "Run" (sql) is for no block',
    'block-claims.mjs: what stands beside cake.md is for no block',
  ]);
});

test('refuses a test that does not read the page', () => {
  const claims = [{ page: 'docs/bread.md', languages: ['sh'], by: 'test/cake.test.ts' }];
  const files = { 'docs/bread.md': block('sh', 'npm run bake'), 'test/cake.test.ts': 'cake' };
  expect(problems({ claims }, files)).toEqual([
    'block-claims.mjs: the claim of docs/bread.md (sh) names test/cake.test.ts, which does not read it',
  ]);
});
