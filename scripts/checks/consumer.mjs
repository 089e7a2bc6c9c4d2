// Installs the packed packages into a project of its own, far from this workspace, and uses them as strangers do: import,
// require, the twenty lines of the README both ways, the commands, and tsc with each kind of module resolution, which also
// writes the declarations of a library that is built on them.
// Usage: consumer.mjs <tarball folder> [--pnpm] [--whole] [node programs ...]; `test-consumers.mjs` has the matrix
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { conclude, publishedPackages, root } from './packages.mjs';

const [tarballs, ...rest] = process.argv.slice(2);
const manager = rest.includes('--pnpm') ? 'pnpm' : 'npm';
/** The oldest kind of resolution finds nothing that the others do not, and costs as much as they do. */
const kinds = rest.includes('--whole') ? ['nodenext', 'node16', 'bundler'] : ['nodenext', 'bundler'];
const given = rest.filter((each) => !each.startsWith('--'));
const nodes = given.length > 0 ? given : [process.execPath];
const packages = publishedPackages();
const entries = packages.flatMap((each) => each.entries.map(([path]) => path));
// A type that nobody can name from outside fails where it is inferred, and only where declarations are written.
const library = `
import { createRepositories } from '@cc/repositories';
import { models, schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { eq, sql } from 'drizzle-orm';

export const transactions = await openTransactionManager({ url: ':memory:', schema });
export const { db } = transactions;
export const { search, ...repositories } = createRepositories(transactions);
export const rename = async (name: string) => db.update(schema.tags).set({ name });
export const rows = () => db.select().from(models);
export const row = (path: string) => db.query.models.findFirst({ where: eq(models.filePath, path) });
export const modelOf = async (path: string) => repositories.models.readByPath(path);
export const find = async (words: string) => (await search.searchModels(words)).hits.map(({ model }) => model);
export const run = async (text: string) => db.run(sql.raw(text));
export const inTransaction = () => transactions.transaction(async (tx) => tx.db.delete(models).returning());
export const client = db.$client;
export const cells = async (text: string) => (await client.execute(text)).rows.map((each) => each[0]);
export const first = async (text: string) => (await client.execute(text)).rows[0];
export const begin = () => client.transaction('write');
export const execute = (...args: Parameters<typeof client.execute>) => client.execute(...args);
export const batch = (...args: Parameters<typeof client.batch>) => client.batch(...args);
export const fetched = () => client.sync();
`;
const consumer = mkdtempSync(join(tmpdir(), 'cc-consumer-'));
try {
  const problems = useAsStranger();
  const where = `a project of ${manager}, on Node ${nodes.map((node) => said(node, ['--version'])).join(', ')}`;
  conclude(problems, `${entries.length} entries of ${packages.length} packages work in ${where}`);
} finally {
  rmSync(consumer, { recursive: true, force: true });
}

function useAsStranger() {
  writeProject();
  const flags = { npm: ['--no-audit', '--no-fund', '--loglevel=error'], pnpm: ['--reporter=append-only'] };
  const installed = run(manager, ['install', '--ignore-scripts', '--prefer-offline', ...flags[manager]]);
  if (installed !== undefined) return [`${manager} install failed:\n${installed}`];
  const problems = [];
  const expect = (what, failure) => failure !== undefined && problems.push(`${what}:\n${failure}`);
  // The first one also makes JavaScript of what the README shows.
  for (const kind of kinds) expect(`tsc with ${kind} resolution`, typecheck(kind));
  for (const node of nodes) {
    const version = said(node, ['--version']);
    const onNode = (what, ...args) => expect(`${what} on Node ${version}`, run(node, args, node));
    onNode('import', 'import.mjs');
    onNode('require', 'require.cjs');
    for (const program of ['first.mjs', 'first.cjs'])
      expect(`${program}, of the README, on Node ${version}`, firstModel(program, node));
    for (const { manifest } of packages) {
      for (const name of Object.keys(manifest.bin ?? {}))
        expect(`${name} --help on Node ${version}`, run(binary(name), ['--help'], node));
    }
    expect(`the first steps of @cc/migrate on Node ${version}`, firstSteps(node));
  }
  return problems;
}

function writeProject() {
  const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const pinned = (name) => new RegExp(`^ +'?${name}'?: (.+)$`, 'm').exec(catalog)[1];
  const tarball = ({ name, version }) =>
    `file:${join(tarballs, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)}`;
  // What is not published yet is found by its file wherever it is asked for.
  const overrides = packages.map(({ manifest }) => `  '${manifest.name}': ${tarball(manifest)}\n`).join('');
  if (manager === 'pnpm') write('pnpm-workspace.yaml', `overrides:\n${overrides}`);
  const peers = [...new Set(packages.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {})))];
  write('package.json', {
    name: 'consumer',
    private: true,
    dependencies: {
      ...Object.fromEntries(packages.map(({ manifest }) => [manifest.name, tarball(manifest)])),
      ...Object.fromEntries([...peers, 'typescript', '@types/node'].map((name) => [name, pinned(name)])),
    },
  });
  const names = JSON.stringify(entries);
  // An entry of types alone is a module without names.
  const complain = `if ((Object.keys(found).length === 0) !== name.endsWith('/types')) throw new Error(name + ' exports ' + Object.keys(found).length + ' names');`;
  write('import.mjs', `for (const name of ${names}) { const found = await import(name); ${complain} }`);
  write('require.cjs', `for (const name of ${names}) { const found = require(name); ${complain} }`);
  const shown = /```ts\n([^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))[1];
  write('first.mts', shown);
  write('first.cts', asRequired(shown));
  write('module.mts', entries.map((path, n) => `import * as e${n} from '${path}';\nvoid e${n};\n`).join(''));
  write('library.mts', library);
  write('common.cts', entries.map((path, n) => `import e${n} = require('${path}');\nvoid e${n};\n`).join(''));
}

// The same lines for whoever has no modules: required, and in a function, for CommonJS awaits nothing outside of one.
function asRequired(code) {
  const imports = [...code.matchAll(/^import (\{[^}]*\}) from ('[^']+');\n/gm)];
  const required = imports.map(([, names, path], n) => `import m${n} = require(${path});\nconst ${names} = m${n};\n`);
  const body = code.replace(/^import .*\n/gm, '');
  return `${required.join('')}async function main() {\n${body}\n}\nvoid main();\n`;
}

// Without skipLibCheck our own declarations are checked too; what is wrong inside other people's is not for us to fail on.
function typecheck(kind) {
  const module = kind === 'bundler' ? 'esnext' : kind;
  write('tsconfig.json', {
    compilerOptions: {
      strict: true,
      ...(kind === kinds[0] ? { outDir: 'out' } : { noEmit: true }),
      declaration: true,
      target: 'es2022',
      lib: ['es2022', 'esnext.disposable'],
      types: ['node'],
      module,
      moduleResolution: kind,
    },
    files: ['module.mts', 'first.mts', 'library.mts', ...(kind === 'nodenext' ? ['common.cts', 'first.cts'] : [])],
  });
  const output = run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.', '--pretty', 'false']);
  const ours = (output ?? '')
    .split('\n')
    .filter((line) => /error TS/.test(line) && !/^node_modules\/(?!@cc\/)/.test(line));
  return ours.length === 0 ? undefined : ours.join('\n');
}

// Runs the README's program on a database of its own.
function firstModel(program, node) {
  const place = mkdtempSync(join(consumer, 'first-'));
  const { status, stdout, stderr } = spawnSync(node, [join(consumer, 'out', program)], {
    cwd: place,
    encoding: 'utf8',
    timeout: 120_000,
  });
  const isRight = stdout.startsWith('true Hex bolt M3x12\n') && stdout.includes('Health of file:library.db');
  return status === 0 && isRight ? undefined : `ended with ${status}\n${stdout}${stderr}`;
}

// What the README of @cc/migrate tells newcomers to type, behind the installation, as it stands there.
function firstSteps(node) {
  for (const made of ['drizzle', 'src', 'test', 'drizzle.config.ts', 'app.db'])
    rmSync(join(consumer, made), { recursive: true, force: true });
  const page = readFileSync(join(root, 'packages/migrate/README.md'), 'utf8');
  const [, steps] = /## From nothing to up and down in five minutes[^]*?```sh\n([^]*?)```/.exec(page) ?? [];
  const lines = (steps ?? '').split('\n').filter((line) => line.startsWith('npx cc-migrate '));
  if (lines.length < 5) return 'the README has no first steps';
  for (const line of lines) {
    const [, , ...args] = line.replace(/\s*#.*/, '').split(' ');
    const words = args.filter((word) => word !== '');
    const failure = run(binary('cc-migrate'), words, node);
    if (failure !== undefined) return `${line}\n${failure}`;
  }
  return run(node, ['--test', 'test/migrations.test.mjs'], node);
}

function write(name, content) {
  writeFileSync(join(consumer, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
}

function binary(name) {
  return join(consumer, 'node_modules', '.bin', name);
}

function said(command, args) {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout.trim().replace(/^v/, '');
}

// The output of a command that failed, or undefined. What it starts by the name `node` is the one that is given.
function run(command, args, node = process.execPath) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: consumer,
    encoding: 'utf8',
    timeout: 240_000,
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
  });
  return status === 0 ? undefined : `${error ?? ''}${stdout}${stderr}`;
}
