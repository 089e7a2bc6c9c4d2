// Works in a current folder that is deleted, before or after the database was opened, or made anew: prints what it has done.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openTransactionManager } from '@cc/tx';

const [url, copy, when] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'cc-gone-'));
process.chdir(folder);
// Node keeps the answer.
if (when === 'asked' || when === 'replaced') process.cwd();
if (when !== 'after') await rm(folder, { recursive: true });
if (when === 'replaced') await mkdir(folder);
const manager = await openTransactionManager({ url });
if (when === 'after') await rm(folder, { recursive: true });
const said = [];
said.push((await manager.offload(() => manager.db.values('select a from t'), { timeoutMs: 60_000 })).length);
// A process that cannot live dies a little after it was started, often behind its answer.
const started = children();
await setTimeout(700);
said.push(started === children());
said.push((await manager.backup(copy)).verified);
said.push((await manager.offload(() => manager.db.values('select a from t'), { timeoutMs: 60_000 })).length);
const relative = openTransactionManager({ url: 'file:relative.db' });
said.push(
  await relative.then(
    (opened) => opened.close().then(() => 'opened'),
    (error) => error.code,
  ),
);
await manager.close();

/** The ids of the processes that this one has started; where the system does not tell, always the same. */
function children() {
  const list = `/proc/self/task/${process.pid}/children`;
  return existsSync(list) ? readFileSync(list, 'utf8') : '';
}

if (when === 'replaced') await rm(folder, { recursive: true });
process.stdout.write(`${JSON.stringify(said)}\n`);
