import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { startSqld } from '@cc/testkit/sqld';
import { openTransactionManager } from '@cc/tx';
import { test } from 'vitest';
import { createClient } from '@libsql/client';
import { createMigrationManager } from '../src/create.js';
import { writeFolder } from './scratch.js';

const say = (name: string) => async (work: () => Promise<unknown>) => {
  try { console.log(name, '→', JSON.stringify(await work())?.slice(0, 700)); } catch (e) { console.log(name, 'THROWS', String(e).slice(0, 700)); }
};
async function look(label: string, url: string, syncUrl: string, folder: string, acts: string[]) {
  console.log('=====', label);
  let t;
  try { t = await openTransactionManager({ url, syncUrl }); } catch (e) { console.log('open THROWS', String(e).slice(0, 500)); return; }
  try {
    const m = createMigrationManager(t, { folder });
    for (const act of acts) {
      if (act === 'status') await say('status')(async () => { const s = await m.status(); return { current: s.current, applied: s.applied.length, pending: s.pending.map((p) => p.version), problems: s.problems }; });
      if (act === 'plan') await say('plan')(async () => { const p = await m.plan({}); return { m: p.migrations.map((x) => x.version), problems: p.problems, w: p.migrations.map((x) => x.warnings) }; });
      if (act === 'plandown') await say('plan down')(async () => { const p = await m.plan({ direction: 'down' }); return { m: p.migrations.map((x) => x.version), problems: p.problems, pp: p.migrations.map((x) => x.problems) }; });
      if (act === 'down') await say('down')(async () => m.rollbackMigration({ allowDataLoss: true }));
      if (act === 'up') await say('up')(async () => m.applyMigrations());
      if (act === 'history') await say('history')(async () => (await m.history()).length);
      if (act === 'rows') await say('rows')(async () => (await t.db.all(`select * from t` as never)));
      if (act === 'sync') await say('sync')(async () => t.sync());
    }
  } finally { await t.close().catch((e) => console.log('close', String(e).slice(0, 200))); }
}
const remote = async (url: string, label: string) => {
  const c = createClient({ url });
  await say(`server ${label}`)(async () => (await c.execute(`select name from sqlite_schema where type='table'`)).rows.map((r) => r['name']));
  await say(`server ${label} t`)(async () => (await c.execute(`select * from t`)).rows);
  c.close();
};
test('moved', async () => {
  const a = await startSqld();
  const b = await startSqld();
  const dir = await mkdtemp(join(tmpdir(), 'cc-moved-'));
  const folder = join(dir, 'drizzle');
  await writeFolder(folder, [
    { version: '0000_t', at: 1, when: 1000, tag: '0000_t', sql: '', up: 'CREATE TABLE t (id integer PRIMARY KEY, v text);', down: 'DROP TABLE t;' },
    { version: '0001_u', when: 2000, tag: '0001_u', sql: '', up: 'CREATE TABLE u (id integer PRIMARY KEY);', down: 'DROP TABLE u;' },
  ] as never);
  const url = `file:${join(dir, 'r.db')}`;
  const t = await openTransactionManager({ url, syncUrl: a.url.http });
  const m = createMigrationManager(t, { folder });
  await m.applyMigrations();
  await t.db.run(`insert into t values (1, 'kept')` as never);
  await t.sync(); await t.close();
  await remote(a.url.http, 'A');
  await look('moved to the empty B, reads', url, b.url.http, folder, ['status', 'plan', 'plandown', 'history', 'rows']);
  await look('again', url, b.url.http, folder, ['sync', 'status', 'rows']);
  await look('down', url, b.url.http, folder, ['down', 'status', 'rows']);
  await look('up', url, b.url.http, folder, ['up', 'status', 'rows', 'sync', 'rows']);
  await remote(b.url.http, 'B'); await remote(a.url.http, 'A');
  await look('back to A', url, a.url.http, folder, ['status', 'rows', 'up']);
  await remote(a.url.http, 'A');
  // other way: empty file at A which has history
  await look('fresh file at A', `file:${join(dir, 'r2.db')}`, a.url.http, folder, ['status', 'plan', 'rows']);
  console.log((await readFile(join(dir, 'r.db-info'), 'utf8').catch(String)).slice(0, 300));
  await a.close(); await b.close();
}, 120_000);
