// The check of imports, on a small repository made on the spot: what it refuses, and what it lets pass.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const check = resolve('scripts/checks/imports.mjs');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imports-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const order = `export const rooms = { shop: ['index', 'till', 'goods'] }; export const exceptions = [];`;
const sound = {
  'packages/shop/package.json': JSON.stringify({
    name: '@cc/shop',
    exports: { '.': { '@cc/source': './src/index.ts' } },
  }),
  'packages/shop/src/index.ts': `export { pay } from './till/till.js';`,
  'packages/shop/src/till/till.ts': `import type { Bread } from '../goods.js';\nexport const pay = (bread: Bread): void => void bread;`,
  'packages/shop/src/goods.ts': 'export interface Bread { readonly price: number }',
};

function run(files: Record<string, string>, rooms = order): { problems: readonly string[]; code: number | null } {
  for (const [name, text] of Object.entries({ ...sound, 'scripts/checks/rooms.mjs': rooms, ...files })) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { stdout, status } = spawnSync(process.execPath, [check, folder], { encoding: 'utf8' });
  return { problems: stdout.trimEnd().split('\n'), code: status };
}

test('lets imports pass that go down', () => {
  expect(run({})).toEqual({ problems: ['2 imports of 3 files go one way'], code: 0 });
});

test('refuses a circle, and the arrow up that closes it, by every kind of import', () => {
  const ways: Readonly<Record<string, string>> = {
    import: `import { pay } from './till/till.js';\nexport const paid = pay;`,
    type: `import type { pay } from './till/till.js';\nexport type Bread = typeof pay;`,
    from: `export type { Bread } from './till/till.js';`,
    all: `export * from './till/till.js';`,
    typeof: `export type Bread = typeof import('./till/till.js').pay;`,
    late: `export const late = () => import('./till/till.js');`,
    require: `export const late = require('./till/till.js');`,
    itself: `import type { pay } from '@cc/itself';\nexport type Bread = typeof pay;`,
  };
  const names = Object.keys(ways).sort();
  const files: Record<string, string> = {};
  for (const name of names) {
    for (const [file, text] of Object.entries(sound)) files[file.replace('shop', name)] = text.replace('shop', name);
    files[`packages/${name}/src/goods.ts`] = String(ways[name]);
  }
  const rooms = names.map((name) => `'${name}': ['index', 'till', 'goods']`);
  const { problems, code } = run(files, order.replace(/\{.*?\}/, `{ ${rooms.join(', ')} }`));
  expect(code).toBe(1);
  const circles = problems.filter((problem) => problem.startsWith('a circle of imports: '));
  const arrows = problems.filter((problem) => problem.includes("but 'goods' is below"));
  expect(circles.map((circle) => /packages\/(\w+)\/src\/goods\.ts$/.exec(circle)?.[1] ?? '').sort()).toEqual(names);
  expect(arrows.map((arrow) => /^packages\/(\w+)\/src\/goods\.ts:1 /.exec(arrow)?.[1] ?? '').sort()).toEqual(names);
});

test('refuses an arrow up without a circle', () => {
  const files = {
    'packages/shop/src/goods.ts': `import { open } from './till/door.js';\nexport interface Bread { readonly open: typeof open }`,
    'packages/shop/src/till/door.ts': 'export const open = true;',
  };
  expect(run(files)).toEqual({
    problems: [
      "packages/shop/src/goods.ts:1  imports packages/shop/src/till/door.ts, but 'goods' is below 'till' (rooms.mjs)",
    ],
    code: 1,
  });
});

test('lets an arrow up pass that is excepted, and refuses an exception that nothing needs', () => {
  const files = {
    'packages/shop/src/goods.ts': `import { open } from './till/door.js';\nexport interface Bread { readonly open: typeof open }`,
    'packages/shop/src/till/door.ts': 'export const open = true;',
  };
  const excepted = order.replace(
    'exceptions = []',
    `exceptions = [{ from: 'packages/shop/src/goods', to: 'packages/shop/src/till/door', reason: 'a shop' }]`,
  );
  expect(run(files, excepted).code).toBe(0);
  expect(run({ 'packages/shop/src/goods.ts': sound['packages/shop/src/goods.ts'] }, excepted).problems).toEqual([
    'rooms.mjs excepts packages/shop/src/goods → packages/shop/src/till/door, which does not exist',
  ]);
});

test('refuses circles in apps, benchmarks and tests, and a file that imports itself', () => {
  const places = ['apps/demo/src', 'bench', 'packages/shop/test'];
  const files: Record<string, string> = { 'bench/alone.ts': `import type {} from './alone.js';` };
  for (const place of places) {
    files[`${place}/there/there.ts`] = `import '../back.js';`;
    files[`${place}/back.ts`] = `import './there/there.js';`;
  }
  const { problems, code } = run(files);
  expect(code).toBe(1);
  expect(problems.toSorted()).toEqual(
    [
      ...places.map((place) => `a circle of imports: ${place}/back.ts → ${place}/there/there.ts → ${place}/back.ts`),
      'a circle of imports: bench/alone.ts → bench/alone.ts',
    ].sort(),
  );
});

test('refuses a package without a list, a room without a place in it, and a place without a room', () => {
  expect(run({}, order.replace('shop', 'other')).problems).toContain('rooms.mjs has no order of the rooms of @cc/shop');
  expect(run({ 'packages/shop/src/attic/box.ts': '' }, order.replace("'till',", "'till', 'cellar',")).problems).toEqual(
    ["rooms.mjs: @cc/shop has no room 'cellar'", "rooms.mjs: the room 'attic' of @cc/shop has no place in its list"],
  );
});
