// Three processes of clients on one database, while they are killed and stopped, their server is killed and stopped, and lines
// to it are cut; then what another reader finds in the file.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Child, startChild } from '@cc/testkit/child';
import { type Random, seededRandom } from '@cc/testkit/random';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import Database from 'libsql';
import { type History, historyOf } from './history.js';

/** Where the database lies. `rollback`: a file with a rollback journal. */
export type Target = 'file' | 'rollback' | 'http' | 'ws' | 'replica';

/** What to play. */
export interface Play {
  readonly target: Target;
  /** An empty folder. */
  readonly folder: string;
  readonly seed: number;
  /** How many calls are to be done; some more will be. */
  readonly calls: number;
  /** How often something is done to them meanwhile. */
  readonly harms: number;
  /** Makes the clients lie: see client.mjs. */
  readonly broken?: 'stale' | 'torn';
}

/** Plays it and returns what has happened. */
export async function play({ target, folder, seed, calls, harms, broken }: Play): Promise<History> {
  const random = seededRandom(seed);
  const file = join(folder, 'lists.db');
  make(file);
  const server = target === 'file' || target === 'rollback' ? undefined : await startSqld({ database: file });
  const line = server && (await lineTo(server, random));
  const keys = random.whole(6, 11);
  const printed = new Map<string, readonly string[]>();
  const start = (number: number, life: number): Child => {
    const name = `${number}.${life}`;
    const place = placeOf(target, folder, number, line?.port);
    const task = { place, name, seed: seed * 1_000 + number * 100 + life, keys, clients: 6, folder, broken };
    const child = startChild(new URL('client.mjs', import.meta.url), [JSON.stringify(task)]);
    printed.set(name, child.lines);
    return child;
  };
  const running = [0, 1, 2].map((number) => ({ number, life: 0, child: start(number, 0) }));
  const done = (): number => {
    let sum = 0;
    for (const lines of printed.values()) for (const text of lines) if (text.includes('"event":"done"')) sum += 1;
    return sum;
  };
  try {
    for (let harm = 0; harm <= harms; harm += 1) {
      const wanted = Math.ceil((calls * (harm + 1)) / (harms + 1));
      while (done() < wanted) {
        const ended = running.find(({ child }) => child.hasEnded());
        if (ended) throw new Error(`a client ended by itself: ${JSON.stringify(await ended.child.ended())}`);
        await sleep(20);
      }
      if (harm === harms) break;
      const victim = random.pick(running);
      const kind = random.below(server ? 6 : 2);
      if (kind === 0) {
        await victim.child.kill();
        victim.life += 1;
        victim.child = start(victim.number, victim.life);
      } else if (kind === 1) {
        victim.child.pause();
        await sleep(random.below(900));
        victim.child.resume();
      } else if (kind === 2) {
        await server?.kill();
        await server?.restart();
      } else if (kind === 3) {
        await server?.pause();
        await sleep(random.below(1_500));
        server?.resume();
      } else line?.cut(kind === 4 ? 'before' : 'after');
    }
    for (const { child } of running) child.send('end');
    for (const { child, number } of running) {
      const { code, signal, errors } = await child.ended();
      if (code !== 0) throw new Error(`client ${number} ended with ${code ?? signal}: ${errors}`);
    }
    await server?.giveBack();
  } finally {
    await Promise.all(running.map(({ child }) => child.kill()));
    await line?.close();
    await server?.close();
  }
  return historyOf(printed, listsIn(file));
}

function make(path: string): void {
  const database = new Database(path);
  database.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE texts (key INTEGER PRIMARY KEY, list TEXT NOT NULL);
    CREATE TABLE rows (number INTEGER PRIMARY KEY AUTOINCREMENT, key INTEGER NOT NULL, value TEXT NOT NULL);
    CREATE INDEX rows_by_key ON rows (key, number)`);
  database.close();
}

function listsIn(path: string): ReadonlyMap<number, readonly string[]> {
  const database = new Database(path, { readonly: true });
  // The columns that are named.
  const all = (statement: string): [number, string][] =>
    database.prepare(statement).raw(true).all() as unknown as [number, string][];
  const lists = new Map(all('SELECT key, list FROM texts').map(([key, list]) => [key, list.split(',')]));
  for (const [key, value] of all('SELECT key, value FROM rows ORDER BY number'))
    lists.set(key, [...(lists.get(key) ?? []), value]);
  database.close();
  return lists;
}

function placeOf(target: Target, folder: string, client: number, port: number | undefined): object {
  const fileAt = (name: string): string => pathToFileURL(join(folder, name)).href;
  switch (target) {
    case 'file':
      return { url: fileAt('lists.db') };
    case 'rollback':
      return { url: fileAt('lists.db'), pragmas: { journal_mode: 'DELETE' } };
    case 'replica':
      return { url: fileAt(`replica-${client}.db`), syncUrl: `http://127.0.0.1:${port}` };
    default:
      return { url: `${target}://127.0.0.1:${port}` };
  }
}

interface Line {
  readonly end: () => void;
  cut?: 'before' | 'after';
}

/** A way to a server that can be cut: before what is sent next reaches it, or after, so that the answer is lost. */
async function lineTo(server: Sqld, random: Random) {
  const { hostname, port } = new URL(server.url.http);
  const lines = new Set<Line>();
  const proxy = createServer((down) => {
    const up = connect(Number(port), hostname);
    const end = (): void => {
      lines.delete(line);
      down.destroy();
      up.destroy();
    };
    const line: Line = { end };
    lines.add(line);
    for (const socket of [down, up]) socket.on('error', end).on('close', end);
    down.on('data', (chunk: Buffer) => {
      if (line.cut === 'before') return end();
      up.write(chunk);
      // Time for the server to do what it was asked for.
      if (line.cut === 'after') setTimeout(end, random.below(8));
    });
    up.on('data', (chunk: Buffer) => {
      if (line.cut === undefined) down.write(chunk);
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    cut(how: 'before' | 'after'): void {
      for (const line of lines) {
        if (!random.chance(0.6)) continue;
        line.cut = how;
        // Whoever waits for an answer on it is not kept waiting for ever.
        setTimeout(line.end, 200);
      }
    },
    async close(): Promise<void> {
      for (const { end } of lines) end();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
