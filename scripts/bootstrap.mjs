// `npm run demo`, `npm test`, `npm run check` and a few more start here: it needs nothing but Node and npm. It installs the pinned
// pnpm and the locked dependencies when they changed, builds what a program needs, and then runs it.
// Everything it says goes to standard error, so `npm run -s demo -- search bunny --json | jq` works.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const stampFile = join(root, 'node_modules', '.bootstrap-stamp');
const noNetwork =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|dns error|error sending request/i;
const environment = Object.assign({}, process.env, {
  PATH: join(root, 'node_modules', '.bin') + delimiter + process.env.PATH,
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  // Without a network these turn a minute of retries into one clear line.
  npm_config_fetch_retries: '1',
  npm_config_fetch_retry_mintimeout: '500',
  npm_config_fetch_retry_maxtimeout: '2000',
  npm_config_prefer_offline: 'true',
  npm_config_update_notifier: 'false',
});

const tasks = {
  demo: async (args) => {
    await build('@cc/demo');
    return node(['apps/demo/dist/main.js', ...args], { show: true });
  },
  bench: async (args) => {
    await build('@cc/bench...');
    // The suite of the import runs the command.
    await build('@cc/demo');
    return node(['bench/dist/run.js', ...args], { show: true });
  },
  test: (args) => node(['node_modules/vitest/vitest.mjs', 'run', ...args], { show: true }),
  torture: (args) => node(['scripts/torture.mjs', ...args], { show: true }),
  docs: () => node(['scripts/write-reference.mjs'], { show: true }),
  check: (args) => node(['scripts/check.mjs', ...args], { show: true }),
  install: async () => ({ code: 0 }),
};

requireNode(20, 19);
const [name, ...rest] = process.argv.slice(2);
const task = Object.prototype.hasOwnProperty.call(tasks, name) ? tasks[name] : undefined;
if (task === undefined) stop(`Usage: node scripts/bootstrap.mjs ${Object.keys(tasks).join('|')} [arguments]`, 2);
await install();
finish(await task(rest));

function requireNode(major, minor) {
  const [a, b] = process.versions.node.split('.').map(Number);
  if (a > major || (a === major && b >= minor)) return;
  stop(
    `Candy-Cadence needs Node ${major}.${minor} or newer, and this is Node ${process.versions.node}: see https://nodejs.org/en/download`,
  );
}

async function install() {
  const stamp = dependencyStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  say('Installing the locked dependencies (the first time takes about half a minute) ...');
  const flags = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'];
  const pin = manifest.packageManager.split('@')[1].split('+')[0];
  const local = join(root, 'node_modules', 'pnpm');
  const done =
    pinned(local) === pin
      ? await node([join(local, 'bin', 'pnpm.mjs'), ...flags], { echo: true })
      : await npx(['--yes', `pnpm@${pin}`, ...flags]);
  if (done.signal) finish(done);
  if (done.code !== 0) {
    if (noNetwork.test(done.output))
      stop(
        'The package registry cannot be reached, and not everything is cached on this machine: connect to the network and run this again.',
      );
    stop(`The dependencies could not be installed (pnpm ended with ${done.code}); the reason is in the lines above.`);
  }
  writeFileSync(stampFile, stamp);
}

// Content, not times: a fresh checkout, a branch switch and an interrupted install all come out right.
function dependencyStamp() {
  const folders = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group))
      .sort()
      .map((entry) => join(group, entry)),
  );
  const files = [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    ...['', 'bench', 'examples', ...folders].map((folder) => join(folder, 'package.json')),
  ];
  const hash = createHash('sha256');
  for (const file of files.map((each) => join(root, each)).filter(existsSync))
    hash.update(file).update(readFileSync(file));
  return `${hash.digest('hex')} ${process.platform}-${process.arch}\n`;
}

function pinned(folder) {
  const file = join(folder, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

// npm tells its scripts where it lives, which spares a shell on Windows.
function npx(args) {
  const npm = process.env.npm_execpath;
  if (npm !== undefined && npm.endsWith('npm-cli.js'))
    return node([npm, 'exec', '--yes', '--', ...args.slice(1)], { echo: true });
  return run('npx', args, { echo: true, shell: process.platform === 'win32' });
}

// A program has its packages in it; `name...` builds those that it finds at its side as well.
async function build(program) {
  const notice = setTimeout(() => say('Building ...'), 500);
  const built = await node(
    ['node_modules/turbo/bin/turbo', 'run', 'build', `--filter=${program}`, '--output-logs=errors-only'],
    {},
  );
  clearTimeout(notice);
  if (built.signal) finish(built);
  if (built.code !== 0) {
    process.stderr.write(built.output);
    stop('The build failed; the reason is in the lines above.');
  }
}

function node(args, options) {
  return run(process.execPath, args, options);
}

// `show`: the child owns the terminal. `echo`: its output is repeated on standard error. Neither: it is only kept.
function run(command, args, { show, echo, shell }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: environment,
      shell,
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      stream.on('data', (chunk) => {
        output += chunk;
        if (echo) process.stderr.write(chunk);
      });
    }
    const release = forwardSignals(child);
    child.on('error', (error) => {
      release();
      resolve({ code: 1, output: String(error) });
    });
    child.on('close', (code, signal) => {
      release();
      resolve({ code, signal, output });
    });
  });
}

// A terminal sends Ctrl-C to the whole group, so the child has it already; a signal sent to this process alone has not
// reached it. This process ends only after its child, however long that takes to close its files.
function forwardSignals(child) {
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    const handler = () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on(signal, handler);
    return [signal, handler];
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

function finish({ code, signal }) {
  process.exit(signal ? 128 + (constants.signals[signal] || 0) : code === null ? 1 : code);
}

function say(line) {
  process.stderr.write(`> ${line}\n`);
}

function stop(line, code = 1) {
  process.stderr.write(`${line}\n`);
  process.exit(code);
}
