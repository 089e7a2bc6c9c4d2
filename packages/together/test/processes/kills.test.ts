// A process whose cache has a disk tier is killed or ended at any moment, others write while it runs and while it is away, and it
// starts anew: what it then gets from its disk is never older than what was committed. CC_KILLS: how often; else 20.
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Child, startChild } from '@cc/testkit/child';
import { type Random, randomOfRound } from '@cc/testkit/random';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import Database from 'libsql';
import { expect, onTestFinished, test, vi } from 'vitest';

const kills = Number(process.env['CC_KILLS'] ?? 20);
const seed = Number(process.env['CC_SEED'] ?? 12);
const rows = 8;

// More of them than a test run has take longer than one of its tests may.
vi.setConfig({ testTimeout: Math.max(600_000, kills * 30_000) });

/** The database, written by the stock driver: what it says is the truth. */
class Truth {
  readonly path: string;
  readonly #database: Database.Database;

  constructor(path: string) {
    this.path = path;
    this.#database = new Database(path, { timeout: 5_000 });
  }

  make(): void {
    this.#database.exec(
      'PRAGMA journal_mode = WAL; CREATE TABLE versions (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)',
    );
    for (let id = 1; id <= rows; id += 1) this.#database.prepare('INSERT INTO versions VALUES (?, 1)').run([id]);
  }

  commit(id: number): void {
    this.#database.prepare('UPDATE versions SET version = version + 1 WHERE id = ?').run([id]);
  }

  versions(): ReadonlyMap<number, number> {
    // The columns that are named.
    const found = this.#database.prepare('SELECT id, version FROM versions').all() as { id: number; version: number }[];
    return new Map(found.map(({ id, version }) => [id, version]));
  }

  /** Leaves everything in the file itself, as long as nobody else has it open. */
  close(): void {
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#database.close();
  }
}

interface Said {
  readonly id: number;
  readonly version: number;
  readonly from: string;
}

function saidIn(lines: readonly string[]): readonly Said[] {
  return lines.flatMap((line) => {
    const [id, version, from] = line.split(' ');
    return from === undefined ? [] : [{ id: Number(id), version: Number(version), from }];
  });
}

function start(url: string, how = 'careful'): Child {
  const child = startChild(new URL('cached-reader.mjs', import.meta.url), [url, String(rows), how]);
  onTestFinished(() => child.kill());
  return child;
}

/** What the process said that was older than `known`, what it wrote itself counted in. */
function stale(lines: readonly string[], known: ReadonlyMap<number, number>): readonly string[] {
  const least = new Map(known);
  return saidIn(lines).flatMap(({ id, version, from }) => {
    const floor = least.get(id) ?? 1;
    least.set(id, Math.max(floor, version));
    return version < floor ? [`row ${id}: version ${version} from ${from}, though ${floor} was committed`] : [];
  });
}

async function endSomehow(child: Child, random: Random): Promise<void> {
  if (random.chance(0.7)) {
    await child.kill();
    return;
  }
  child.send('end');
  const { code, errors } = await child.ended();
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
}

test(`a process that is killed or ended ${kills} times starts with nothing old`, async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'app.db');
  const url = pathToFileURL(path).href;
  new Truth(path).make();
  const counts = { tier: 0, reads: 0 };
  for (let round = 0; round < kills; round += 1) {
    const random = randomOfRound(seed, round);
    const truth = new Truth(path);
    // Nobody wrote, somebody wrote, or the file was put back as it was before.
    if (random.chance(0.4)) for (let i = random.below(4); i >= 0; i -= 1) truth.commit(1 + random.below(rows));
    const known = truth.versions();
    truth.close();
    const child = start(url);
    const enough = 20 + random.below(400);
    await child.until((lines) => lines.length > enough / 2);
    // And while it runs: the last state that it has said nothing about is only known later.
    if (random.chance(0.5)) {
      const beside = new Truth(path);
      beside.commit(1 + random.below(rows));
      beside.close();
    }
    await child.until((lines) => lines.length > enough);
    await endSomehow(child, random);
    const said = saidIn(child.lines);
    counts.reads += said.length;
    counts.tier += said.filter(({ from }) => from === 'tier').length;
    expect({ seed, round, stale: stale(child.lines, known) }).toEqual({ seed, round, stale: [] });
  }
  expect(counts.tier).toBeGreaterThan(0);
});

test('one that takes whatever is on its disk for proven is found out by the same means', async () => {
  const path = join(await temporaryFolder(), 'app.db');
  const url = pathToFileURL(path).href;
  new Truth(path).make();
  let found: readonly string[] = [];
  for (let round = 0; round < 40 && found.length === 0; round += 1) {
    const truth = new Truth(path);
    for (let id = 1; id <= rows; id += 1) truth.commit(id);
    const known = truth.versions();
    truth.close();
    const child = start(url, 'gullible');
    await child.until((lines) => lines.length > 200);
    await child.kill();
    found = stale(child.lines, known);
  }
  expect(found.join()).toContain('from tier, though');
});

test('a database that is put back as it was revives nothing that was kept since', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'app.db');
  const url = pathToFileURL(path).href;
  const truth = new Truth(path);
  truth.make();
  truth.close();
  await copyFile(path, join(folder, 'backup.db'));
  const first = start(url);
  await first.until((lines) => lines.some((line) => line.endsWith('write')));
  first.send('end');
  await first.ended();
  for (const suffix of ['-wal', '-shm']) await rm(`${path}${suffix}`, { force: true });
  await copyFile(join(folder, 'backup.db'), path);
  const back = new Truth(path);
  const known = back.versions();
  back.close();
  const second = start(url);
  await second.until((lines) => lines.length > rows);
  await second.kill();
  const firstOfEach = saidIn(second.lines).slice(0, rows);
  expect(firstOfEach.map(({ id, version }) => [id, version])).toEqual([...known]);
});

test('what was kept is there after a restart in which nobody wrote', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'app.db');
  const truth = new Truth(path);
  truth.make();
  truth.close();
  const url = pathToFileURL(path).href;
  for (const from of ['load', 'tier']) {
    const child = start(url);
    await child.until((lines) => lines.length > rows);
    child.send('end');
    const { errors } = await child.ended();
    expect(errors).toBe('');
    expect(saidIn(child.lines)[0]).toMatchObject({ id: 1, from });
  }
});
