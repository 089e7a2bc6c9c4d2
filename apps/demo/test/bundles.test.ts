// Bundles of either kind in a folder of their own, far from this workspace, where nothing but libsql is installed: what the
// guide for bundlers builds, word for word, and the smoke program.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sqldMissing, startSqld } from '@cc/testkit/sqld';
import { build, type Plugin } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** What runs bundles: this Node, or what scripts/test-on-node.mjs names. */
const runtime = process.env['CC_RUNTIME'] ?? process.execPath;
const flags = process.env['CC_RUNTIME_FLAGS']?.split(' ').filter((flag) => flag !== '') ?? [];

/** Runs a program. Test runners started by a package manager may have other folders to look for packages in. */
function run(
  args: readonly string[],
  cwd: string,
  program = runtime,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { NODE_PATH: _, ...env } = process.env;
  return promisify(execFile)(program, [...(program === runtime ? flags : []), ...args], { cwd, env });
}

const root = join(import.meta.dirname, '../../..');
const guide = await readFile(join(root, 'docs/guides/bundlers.md'), 'utf8');

let place: string;
/** Where the guide's files are built: with the packages of the workspace. */
let workshop: string;
/** Where bundles run. */
let shipped: string;

beforeAll(async () => {
  place = await realpath(await mkdtemp(join(tmpdir(), 'cc-bundles-')));
  workshop = join(place, 'workshop');
  shipped = join(place, 'shipped');
  await mkdir(workshop);
  await symlink(join(import.meta.dirname, '../node_modules'), join(workshop, 'node_modules'));
  await installDriver(shipped);
});
afterAll(() => rm(place, { recursive: true, force: true }));

/** Copies libsql with what it needs, as an installation of it alone would. */
async function installDriver(folder: string): Promise<void> {
  const fromTx = createRequire(join(root, 'packages/tx/package.json'));
  const installed = dirname(dirname(await realpath(fromTx.resolve('libsql'))));
  for (const name of await readdir(installed)) {
    await cp(join(installed, name), join(folder, 'node_modules', name), { recursive: true, dereference: true });
  }
}

/** The code below `<!-- name -->` in the guide. */
function exampleOf(name: string): string {
  const [, code] = new RegExp(`<!-- ${name} -->\\n\`\`\`\\w+\\n([^]*?)\`\`\``).exec(guide) ?? [];
  if (code === undefined) throw new Error(`the guide has no ${name}`);
  return code;
}

describe('the guide for bundlers', () => {
  beforeAll(async () => {
    for (const name of ['main.ts', 'build.mjs', 'vite.config.mjs'])
      await writeFile(join(workshop, name), exampleOf(name));
  });

  async function outputOf(file: string): Promise<string> {
    const folder = await mkdtemp(join(shipped, 'run-'));
    const { stdout, stderr } = await run([file], folder);
    expect(stderr).toBe('');
    return stdout;
  }

  it('builds programs of either kind with esbuild, which print what it says', async () => {
    await run(['build.mjs'], workshop, process.execPath);
    for (const name of ['main.cjs', 'main.mjs']) {
      await cp(join(workshop, 'dist', name), join(shipped, name));
      expect(await outputOf(join(shipped, name))).toBe('1 model, verified: true\n');
    }
    expect(guide).toContain('prints `1 model, verified: true`');
  });

  it('builds a server with Vite, which prints the same', async () => {
    await run(
      [join(workshop, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'],
      workshop,
      process.execPath,
    );
    await cp(join(workshop, 'server'), join(shipped, 'server'), { recursive: true });
    // Beside it lies the folder of what is loaded when it is needed.
    const name = (await readdir(join(shipped, 'server'))).find((each) => each.startsWith('main.')) ?? '';
    expect(await outputOf(join(shipped, 'server', name))).toBe('1 model, verified: true\n');
  });
});

const formats = ['cjs', 'esm'] as const;
const banner = /banner: { js: `(.*)` }/.exec(guide)?.[1] ?? '';

/** Bundles code as the guide does and returns the path of the bundle in a folder with libsql. */
async function bundle(
  format: (typeof formats)[number],
  contents: string,
  name: string,
  plugins: Plugin[] = [],
): Promise<string> {
  const outfile = join(shipped, `${name}.${format === 'cjs' ? 'cjs' : 'mjs'}`);
  await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    ...{
      bundle: true,
      platform: 'node',
      target: 'node20',
      external: ['libsql'],
      logLevel: 'error',
      format,
      outfile,
      plugins,
    },
    ...(format === 'esm' && { banner: { js: banner } }),
  });
  return outfile;
}

/** What webpack does to a module: it follows a createRequire that is imported, and answers `typeof __filename` itself. */
const likeWebpack: Plugin = {
  name: 'like-webpack',
  setup(plugged) {
    plugged.onLoad({ filter: /packages[\\/]\w+[\\/]dist[\\/].*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8'))
        .replace(
          /^import \{ createRequire \} from "(?:node:)?module";$/m,
          'const createRequire = () => ({ resolve: () => 1 });',
        )
        .replaceAll('typeof __filename', '"string"'),
    }));
  },
};

it('opens and copies a file from a module as webpack makes it', async () => {
  const contents = `
    import { openTransactionManager } from '@cc/tx';
    const transactions = await openTransactionManager({ url: 'file:webpack.db' });
    await transactions.db.run('create table parts (name text)');
    console.log((await transactions.backup('webpack-copy.db')).verified);
    await transactions.close();`;
  const program = await bundle('esm', contents, 'like-webpack', [likeWebpack]);
  expect(await run([program], await mkdtemp(join(shipped, 'run-')))).toEqual({ stdout: 'true\n', stderr: '' });
});

describe('the smoke program', () => {
  it.each(['as it is', ...formats] as const)('runs %s', async (kind) => {
    // Without a server of the workspace for this platform the replica is left out.
    await using server = sqldMissing === null ? await startSqld() : null;
    const source = join(import.meta.dirname, 'smoke.mjs');
    const program = kind === 'as it is' ? source : await bundle(kind, await readFile(source, 'utf8'), 'smoke');
    const folder = await mkdtemp(join(shipped, 'smoke-'));
    const ended = await run([program, folder, ...(server ? [server.url.http] : [])], tmpdir());
    expect(ended).toEqual({ stdout: 'all well\n', stderr: '' });
  });
});

describe.each(formats)('a bundle in %s', (format) => {
  it('migrates, looks, verifies and goes back by data, and says what needs the folder', async () => {
    const code = `
    import { createMigrationManager } from '@cc/migrate';
    import { migrations } from '@cc/schema/migrations';
    import { openTransactionManager } from '@cc/tx';
    async function main() {
      const transactions = await openTransactionManager({ url: 'file:library.db' });
      const manager = createMigrationManager(transactions, { migrations });
      const said = {};
      const calls = {
        status: () => manager.status(),
        plan: () => manager.plan({ measure: true }),
        up: () => manager.applyMigrations({ backup: 'before.db' }),
        history: () => manager.history(),
        diff: () => manager.diff(),
        verify: () => manager.verify({ steps: 2 }),
        down: () => manager.rollbackMigration(),
        repair: () => manager.repair(),
        check: () => manager.check(),
        journal: () => manager.repair({ journal: true }),
        generate: () => manager.generateMigration(),
        create: () => manager.createMigration({ name: 'x' }),
      };
      for (const [name, call] of Object.entries(calls))
        said[name] = await call().then(() => 'well', ({ message }) => message.split(':')[0]);
      console.log(JSON.stringify(said));
      await transactions.close();
    }
    void main();`;
    const program = await bundle(format, code, 'calls');
    const { stdout, stderr } = await run([program], await mkdtemp(join(shipped, 'calls-')));
    expect(stderr).toBe('');
    const well = ['status', 'plan', 'up', 'history', 'diff', 'verify', 'down', 'repair'].map((name) => [name, 'well']);
    expect(JSON.parse(stdout)).toEqual({
      ...Object.fromEntries(well),
      check: 'check needs the folder',
      journal: 'repair of the journal needs the folder',
      generate: 'generateMigration needs the folder',
      create: 'createMigration needs the folder',
    });
  });

  const failing = (call: string): string => `
    import { openTransactionManager } from '@cc/tx';
    async function main() {
      const [url] = process.argv.slice(2);
      const transactions = await openTransactionManager({ url });
      ${call};
      await transactions.close();
    }
    main().catch(({ code, message }) => console.log(JSON.stringify({ code, message })));`;

  it('without libsql says where it is to be installed, and asks servers all the same', async () => {
    const program = await bundle(format, failing(''), 'alone');
    const alone = await mkdtemp(join(place, 'alone-'));
    // Where there is none at all, Bun fetches packages by itself.
    await mkdir(join(alone, 'node_modules'));
    const moved = join(alone, program.endsWith('.cjs') ? 'main.cjs' : 'main.mjs');
    await cp(program, moved);
    const { stdout } = await run([moved, `file:${join(alone, 'a.db')}`], alone);
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'DRIVER_MISSING',
      message: expect.stringContaining('docs/guides/bundlers.md'),
    });
    const refused = await run([moved, 'http://127.0.0.1:1'], alone);
    expect(JSON.parse(refused.stdout)).toMatchObject({ code: expect.not.stringContaining('DRIVER') });
  });

  it('whose side process cannot start says so, and never to run it again', async () => {
    const breaking = `process.execPath = '/nowhere/node'; await transactions.backup(url.slice(5) + '.copy')`;
    const program = await bundle(format, failing(breaking), 'no-process');
    const folder = await mkdtemp(join(shipped, 'no-process-'));
    const { stdout } = await run([program, `file:${join(folder, 'a.db')}`], folder);
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'SIDE_PROCESS_MISSING',
      message: expect.stringContaining('docs/guides/bundlers.md'),
    });
    expect(stdout).not.toContain('Run it again');
  });
});
