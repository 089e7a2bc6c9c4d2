// Where an empty database of every kind of target lies, for the suites that run on each of them, and the suites of a server
// alone. The server that the tests of a file share is started by `sqld.ts`.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { afterAll, describe, onTestFailed, type TestAPI, test } from 'vitest';
import { type Sqld, sqldMissing, startSqld } from './sqld.js';

/** Every kind of target; the last three need the server of the workspace. */
const known = [':memory:', 'file', 'http', 'ws', 'replica'] as const;
/** The name of a kind of target. */
export type TargetName = (typeof known)[number];

/** The targets that this machine can run. */
export const targets: readonly TargetName[] = sqldMissing === null ? known : known.slice(0, 2);
if (sqldMissing !== null) process.stderr.write(`SKIPPED: http, ws and replica targets: ${sqldMissing}\n`);

/**
 * `test` of a suite whose tests run on every kind of target: on a file and in memory all of them, and each on one of the servers
 * in turn, because a replica takes ten times as long. `CC_EVERY_TARGET=1`, which torture sets, runs all of them everywhere.
 * A `describe` in such a suite needs three tests, or it is empty on one of the servers.
 */
export function testsOn(target: TargetName): TestOfTargets {
  const takes = turnsOf(target);
  const add: (title: string, run: () => Promise<void> | void) => void = test;
  const take: typeof add = (title, run) => (takes() ? add(title, run) : undefined);
  const each = (cases: readonly unknown[]): unknown => test.each(cases.filter(takes));
  return Object.assign(take, { each: each as TestOfTargets['each'] });
}

/** What `testsOn` gives: `test`, and `test.each` of a list. */
export interface TestOfTargets {
  (title: string, run: () => Promise<void> | void): void;
  readonly each: TestAPI['each'];
}

/** Whether the next of many alike tests runs on `target`. */
function turnsOf(target: TargetName): () => boolean {
  const servers = known.slice(2);
  const at = servers.indexOf(target);
  if (at < 0 || process.env['CC_EVERY_TARGET'] === '1') return () => true;
  let next = 0;
  return () => next++ % servers.length === at;
}

/**
 * Limits for what must succeed, however busy the machine is: hundreds of calls in a queue outlast the default. Below the
 * limit of a test, so that the manager tells what hangs.
 */
export const patient = Object.freeze({ acquireTimeoutMs: 240_000, transactionTimeoutMs: 240_000 });

/**
 * A suite that needs a server. Where there is none it shows as skipped under a title that says why, and a line on the
 * error output says so too.
 */
export function describeWithSqld(title: string, suite: () => void): void {
  if (sqldMissing !== null) process.stderr.write(`SKIPPED: ${title}: ${sqldMissing}\n`);
  const shown = sqldMissing === null ? title : `${title} (skipped: ${sqldMissing})`;
  const run = sqldMissing === null ? describe : describe.skip;
  run(shown, suite);
}

/**
 * What to open for an empty database of this kind, in `folder` as far as it has files. Servers are shared by the tests of
 * a file and emptied for each.
 */
export async function placeIn(folder: string, name: TargetName): Promise<{ url: string; syncUrl?: string }> {
  if (name === ':memory:') return { url: name };
  const url = pathToFileURL(join(folder, 'app.db')).href;
  if (name === 'file') return { url };
  const server = await sharedServer();
  return name === 'replica' ? { url, syncUrl: server.url.http } : { url: server.url[name] };
}

/**
 * A new replica fetches everything that its server ever did, what was dropped since too: after this many databases a file
 * gets another server, or the time of its tests grows with the square of their number.
 */
const databasesToServer = 6;

let shared: { readonly server: Promise<Sqld>; given: number } | undefined;

async function sharedServer(): Promise<Sqld> {
  if (shared && shared.given >= databasesToServer) {
    const { server } = shared;
    shared = undefined;
    await (await server).close();
  }
  shared ??= { server: startSqld(), given: 0 };
  shared.given += 1;
  const server = await shared.server;
  // What a failed test has left there, or still does, is not the next one's.
  onTestFailed(async () => {
    shared = undefined;
    await server.close();
  });
  if (shared.given > 1) await emptyServer(server);
  return server;
}

/** Removes every table and view of a server. */
export async function emptyServer(server: Sqld): Promise<void> {
  const admin = createClient({ url: server.url.http });
  // Virtual tables first: their shadow tables go with them.
  const { rows } = await admin.execute(
    `select type, name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite_%'
      order by sql like 'create virtual%' desc`,
  );
  await admin.migrate(rows.map(({ type, name }) => `drop ${String(type)} if exists "${String(name)}"`));
  admin.close();
}

/** Ends the server that the tests of a file have shared. */
export async function closeSharedServer(): Promise<void> {
  const last = shared;
  shared = undefined;
  await (await last?.server)?.close();
}

afterAll(closeSharedServer);
