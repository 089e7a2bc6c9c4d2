// Installs the packed packages with npm into a project of its own, far from this workspace, and uses them as strangers
// do: import, require, the commands, and tsc with three kinds of module resolution. Usage: consumer.mjs <tarball folder>
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conclude, publishedPackages, root } from './packages.mjs';

const tarballs = process.argv[2];
const packages = publishedPackages();
const entries = packages.flatMap((each) => each.entries.map(([path]) => path));
const consumer = mkdtempSync(join(tmpdir(), 'cc-consumer-'));
try {
  conclude(useAsStranger(), `${entries.length} entries of ${packages.length} packages work in a project of their own`);
} finally {
  rmSync(consumer, { recursive: true, force: true });
}

function useAsStranger() {
  writeProject();
  const installed = run('npm', [
    'install',
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  if (installed !== undefined) return [`npm install failed:\n${installed}`];
  const problems = [];
  const expect = (what, failure) => failure !== undefined && problems.push(`${what}:\n${failure}`);
  expect('import', run(process.execPath, ['import.mjs']));
  expect('require', run(process.execPath, ['require.cjs']));
  for (const { manifest } of packages) {
    for (const name of Object.keys(manifest.bin ?? {}))
      expect(`${name} --help`, run(join(consumer, 'node_modules', '.bin', name), ['--help']));
  }
  expect('the first steps of @cc/migrate', firstSteps());
  for (const kind of ['node16', 'nodenext', 'bundler']) expect(`tsc with ${kind} resolution`, typecheck(kind));
  return problems;
}

function writeProject() {
  const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const pinned = (name) => new RegExp(`^ +'?${name}'?: (.+)$`, 'm').exec(catalog)[1];
  const tarball = ({ name, version }) =>
    `file:${join(tarballs, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)}`;
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
  write('module.mts', entries.map((path, n) => `import * as e${n} from '${path}';\nvoid e${n};\n`).join(''));
  write('common.cts', entries.map((path, n) => `import e${n} = require('${path}');\nvoid e${n};\n`).join(''));
}

// Without skipLibCheck our own declarations are checked too; what is wrong inside other people's is not for us to fail on.
function typecheck(kind) {
  const module = kind === 'bundler' ? 'esnext' : kind;
  write('tsconfig.json', {
    compilerOptions: {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022', 'esnext.disposable'],
      types: ['node'],
      module,
      moduleResolution: kind,
    },
    files: kind === 'nodenext' ? ['module.mts', 'common.cts'] : ['module.mts'],
  });
  const output = run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.', '--pretty', 'false']);
  const ours = (output ?? '')
    .split('\n')
    .filter((line) => /error TS/.test(line) && !/^node_modules\/(?!@cc\/)/.test(line));
  return ours.length === 0 ? undefined : ours.join('\n');
}

// What the README of @cc/migrate tells newcomers to type, behind the installation, as it stands there.
function firstSteps() {
  const page = readFileSync(join(root, 'packages/migrate/README.md'), 'utf8');
  const [, steps] = /## From nothing to up and down in five minutes[^]*?```sh\n([^]*?)```/.exec(page) ?? [];
  const lines = (steps ?? '').split('\n').filter((line) => line.startsWith('npx cc-migrate '));
  if (lines.length < 5) return 'the README has no first steps';
  for (const line of lines) {
    const [, , ...args] = line.replace(/\s*#.*/, '').split(' ');
    const said = run(
      join(consumer, 'node_modules', '.bin', 'cc-migrate'),
      args.filter((word) => word !== ''),
    );
    if (said !== undefined) return `${line}\n${said}`;
  }
  return run(process.execPath, ['--test', 'test/']);
}

function write(name, content) {
  writeFileSync(join(consumer, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
}

// The output of a command that failed, or undefined.
function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: consumer,
    encoding: 'utf8',
    timeout: 120_000,
  });
  return status === 0 ? undefined : `${error ?? ''}${stdout}${stderr}`;
}
