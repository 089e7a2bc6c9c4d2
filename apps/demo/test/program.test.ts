import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { migrations } from '@cc/schema/migrations';
import { openTransactionManager } from '@cc/tx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candy, type Ended, start } from './candy.js';
import { candyHere, type EndedHere } from './candy-here.js';
import { asciiCube, binaryCube, objCube } from './cube.js';
import { makeLastingPlace, makePlace, open, type Place, problemsOf, put } from './temporary-library.js';

const newest = migrations.at(-1)?.version ?? '';
const unknownId = '01a20915-6f5d-7196-9c34-4b71cf11d64e';

/** A place with three good files, a broken one and one that is no model, imported. */
async function makeLibrary(): Promise<Place & { readonly imported: EndedHere }> {
  const place = makePlace();
  put(place.models, 'Hex bolt M3x12.stl', binaryCube('bolt'));
  put(place.models, 'Hex nut.stl', asciiCube());
  put(place.models, 'Gear.obj', objCube());
  put(place.models, 'broken.stl', binaryCube('broken').subarray(0, 300));
  put(place.models, 'notes.txt', 'nothing to see');
  return { ...place, imported: await candyIn(['import', 'models', '--json'], place) };
}

/** Without the start of a process, where nothing depends on it. */
function candyIn(args: readonly string[], { folder }: Place): Promise<EndedHere> {
  return candyHere(args, folder);
}

/** The one JSON document that standard output must be. */
function documentOf({ stdout }: Pick<Ended, 'stdout'>): unknown {
  return JSON.parse(stdout);
}

async function idOf(place: Place, words: string): Promise<string> {
  const answer = documentOf(await candyIn(['search', words, '--json'], place));
  const id = /"id":"([^"]+)"/.exec(JSON.stringify(answer))?.[1];
  if (id === undefined) throw new Error(`nothing found for ${words}`);
  return id;
}

it.each(['--version', '-V'])('says its version: %s', async (flag) => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(await candyIn([flag], makePlace())).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});

describe('help', () => {
  it('lists the commands and exit codes, for the program and for a command', async () => {
    const place = makePlace();
    const [all, one, again, migrate] = await Promise.all([
      candy(['--help'], place),
      candy(['help', 'import'], place),
      candy(['help', '--json'], place),
      candy(['migrate', '--help'], place),
    ]);
    expect(all).toMatchObject({ exitCode: 0, stderr: '' });
    expect(again).toEqual(all);
    for (const name of [
      'import',
      'search',
      'list',
      'show',
      'tag',
      'printed',
      'health',
      'migrate',
      'Exit codes:\n  0    done',
    ]) {
      expect(all.stdout).toContain(name);
    }
    expect(one).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('candy import') });
    expect(migrate).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('candy migrate') });
    expect(existsSync(join(place.folder, '.candy', 'library.db'))).toBe(false);
  });
});

describe('a command line that cannot be meant', () => {
  it.each([
    [['nope'], "unknown command 'nope'"],
    [['nope', 'models'], "unknown command 'nope'"],
    [['help', 'serach'], "unknown command 'serach'; candy --help lists the commands. Did you mean search?"],
    [['--nope'], "unknown option '--nope'"],
    [['list', '--nope'], "unknown option '--nope'"],
    [['list', 'extra'], 'too many arguments'],
    [['import'], "missing required argument 'folder'"],
    [['list', '--format', 'nope'], 'It must be one of stl, obj, ply, 3mf'],
    [['search', 'x', '--since', 'garbage'], 'It must be a day such as 2026-01-31'],
    [['list', '--since', '2026-02-31'], 'It must be a day such as 2026-01-31'],
    [['list', '--limit', '0'], 'It must be a whole number from 1 to 100'],
    [['migrate', 'nope'], "unknown command 'nope'"],
  ])('is refused before a library is made: %j', async (args, message) => {
    const place = makePlace();
    const ended = await candyIn(args, place);
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).not.toMatch(/^ +at /m);
    expect(existsSync(join(place.folder, '.candy', 'library.db'))).toBe(false);
  });
});

describe('a command that only looks', () => {
  it.each([
    ['list'],
    ['search', 'bolt'],
    ['search'],
    ['health'],
    ['show', unknownId],
    ['tag', unknownId, 'x'],
    ['printed', unknownId],
  ])('makes no library where there is none, and says what does: %j', async (...args) => {
    const place = makePlace();
    const [ended, plain] = await Promise.all([candyIn([...args, '--json'], place), candyIn(args, place)]);
    const message = `There is no library at ${join(place.folder, '.candy', 'library.db')} yet: \`candy import <folder>\` makes one.`;
    expect(plain).toMatchObject({ exitCode: 1, stdout: '', stderr: `candy: ${message}\n` });
    expect(ended).toMatchObject({ exitCode: 1, stderr: plain.stderr });
    expect(documentOf(ended)).toMatchObject({ error: { message } });
    expect(readdirSync(place.folder)).toEqual(['models']);
  });

  it('names the library of --url in both parts of the message, and leaves an empty database as it is', async () => {
    const { folder } = makePlace();
    const url = pathToFileURL(join(folder, 'typo.db')).href;
    const { stderr } = await candy(['list', '--url', url], { folder });
    expect(stderr).toBe(
      `candy: There is no library at ${join(folder, 'typo.db')} yet: \`candy import <folder> --url ${url}\` makes one.\n`,
    );
    await (await openTransactionManager({ url })).close();
    expect(await candy(['health', '--url', url], { folder })).toMatchObject({ exitCode: 1, stdout: '' });
    const transactions = await openTransactionManager({ url });
    expect(await transactions.db.values('select name from sqlite_schema')).toEqual([]);
    await transactions.close();
  });

  it('makes no folder as `migrate` either', async () => {
    const place = makePlace();
    for (const command of ['status', 'history', 'plan', 'verify']) await candyIn(['migrate', command], place);
    expect(existsSync(join(place.folder, '.candy'))).toBe(false);
  });
});

describe('what fails', () => {
  // Whatever fails leaves it as it is.
  const { place, remove } = makeLastingPlace();
  beforeAll(async () => void (await candyIn(['migrate', 'up'], place)));
  afterAll(remove);

  it.each([
    [['show', 'not-an-id'], 'No model has the id, path or name not-an-id'],
    [['tag', 'not-an-id', 'x'], 'No model has the id, path or name not-an-id'],
    [['show', unknownId], `No model has the id ${unknownId}`],
    [['tag', unknownId, 'x'], `No model has the id ${unknownId}`],
    [['printed', unknownId], `No model has the id ${unknownId}`],
    [['list', '--after', 'garbage'], 'this is not a cursor'],
    [['import', 'missing'], 'missing cannot be imported: it does not exist'],
    [['list', '--url', 'library.db'], 'file:'],
    [['list', '--url', 'file:library.db?mode=ro'], '%3F'],
    [['list', '--url', 'ftp://host/library'], "the scheme 'ftp:'"],
  ])('says so in one line and ends with 1: %j', async (args, message) => {
    const [ended, plain] = await Promise.all([candyIn([...args, '--json'], place), candyIn(args, place)]);
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toMatch(/^candy: .+\n$/);
    expect(ended.stderr).toContain(message);
    expect(documentOf(ended)).toMatchObject({ error: { message: expect.stringContaining(message) } });
    expect(plain).toMatchObject({ exitCode: 1, stdout: '' });
    expect(plain.stderr).toMatch(/^candy: .+\n$/);
  });

  it('leaves no library behind where there is nothing to import', async () => {
    const place = makePlace();
    const ended = await candyIn(['import', 'models', 'nope'], place);
    expect(ended).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('nope cannot be imported: it does not exist'),
    });
    expect(existsSync(join(place.folder, '.candy'))).toBe(false);
  });

  it('includes `migrate` without a command, which lists them, and commands that would write into the program', async () => {
    const place = makePlace();
    const bare = await candyIn(['migrate'], place);
    expect(bare).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('candy migrate') });
    expect(bare.stderr).not.toMatch(/\n {2}(?:generate|drop|init|settle|create|bundle) /);
    for (const command of ['generate', 'init', 'settle', 'bundle'])
      expect(await candyIn(['migrate', command, '--out', 'x.ts'], place)).toMatchObject({ exitCode: 1, stdout: '' });
    expect(readdirSync(place.folder)).toEqual(['models']);
  });

  it('includes a server that is not there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    const port = typeof address === 'object' ? address?.port : undefined;
    const ended = await candyIn(['list', '--url', `http://127.0.0.1:${port}`], makePlace());
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^candy: .+\n$/);
  });
});

describe('the commands', () => {
  it('answer with one JSON document each, and notes beside it', async () => {
    const place = await makeLibrary();
    expect(place.imported).toMatchObject({ exitCode: 2, stderr: '' });
    expect(documentOf(place.imported)).toMatchObject({
      counts: { new: 3, changed: 0, unchanged: 0, duplicate: 0, unparsed: 1, unreadable: 0 },
      ignored: 1,
      remarks: [{ path: join(place.models, 'broken.stl'), outcome: 'unparsed' }],
      interrupted: false,
    });
    const id = await idOf(place, 'bolt');
    const answers: readonly (readonly [args: readonly string[], answer: object])[] = [
      [['tag', id, 'fastener', 'Größe 3'], { id, tags: ['fastener', 'Größe 3'] }],
      [['tag', id, 'größe 3', '--remove'], { id, tags: ['fastener'] }],
      [['search', 'hex', 'bo'], { total: 1, next: null, hits: [{ id, name: 'Hex bolt M3x12', tags: ['fastener'] }] }],
      [['search', 'hex', 'bollt'], { total: 1, corrected: 'hex bolt', matching: 'all', hits: [{ id }] }],
      [['search', 'hex', '--tag', 'fastener'], { total: 1, corrected: null, hits: [{ id }] }],
      [['search', 'hex', '--format', 'OBJ'], { total: 0, hits: [] }],
      [['search', `'; DROP TABLE models;-- "`], { total: 0, hits: [] }],
      [['list', '--format', 'stl', '--since', '1d'], { total: 3 }],
      [['list', '--since', '2999-01-01'], { total: 0, models: [] }],
      [['show', id], { id, name: 'Hex bolt M3x12', triangles: 12, tags: ['fastener'], metadata: {}, printedAt: null }],
      [['list', '--printed'], { total: 0, models: [] }],
      [['printed', id], { id }],
      [['list', '--printed'], { total: 1, models: [{ id }] }],
      [['search', 'hex', '--printed'], { total: 1, hits: [{ id }] }],
      [['list'], { total: 4 }],
      [['migrate', 'status'], { pending: [], problems: [] }],
    ];
    for (const [args, answer] of answers) {
      const ended = await candyIn([...args, '--json'], place);
      expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
      expect(documentOf(ended)).toMatchObject(answer);
    }
    // On a busy machine the health of this process is not OK, and that is right.
    const health = await candyIn(['health', '--json'], place);
    expect(health.stderr).toBe('');
    expect(documentOf(health)).toMatchObject({ status: health.exitCode === 0 ? 'OK' : expect.any(String) });
  });

  it('answer people in lines', async () => {
    const here = await makeLibrary();
    const listed = await candyIn(['list', '--limit', '3'], here);
    expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(listed.stdout).toMatch(/^NAME +FORMAT +TRIANGLES +SIZE +TAGS +ID\n/);
    const cursor = /3 of 4 models; next page: --after (\S+)\n$/.exec(listed.stdout)?.[1] ?? '';
    const rest = await candyIn(['list', '--limit', '3', '--after', cursor], here);
    expect(rest.stdout).toMatch(/\n1 of 4 models\n$/);
    expect((await candyIn(['printed', await idOf(here, 'bolt')], here)).stdout).toMatch(/^Printed: \d{4}-/);
    const printed = await candyIn(['list', '--printed'], here);
    expect(printed.stdout).toMatch(/^NAME +FORMAT +TRIANGLES +SIZE +PRINTED +TAGS +ID\n.* \d{4}-\d\d-\d\d /);
    expect(printed.stdout).toMatch(/\n1 of 1 models\n$/);
    const shown = await candyIn(['show', await idOf(here, 'broken')], here);
    expect(shown.stdout).toMatch(/\nparseError +declares 12 facets but has room for 4\n/);
    const corrected = await candyIn(['search', 'bollt'], here);
    expect(corrected.stdout).toMatch(/^No model has what was typed; these have: bolt\nNAME /);
    const some = await candyIn(['search', 'hex', 'zzzzqqqq'], here);
    expect(some.stdout).toMatch(/^No model has all of the words; these have some\nNAME /);
    const nothing = await candyIn(['search', 'teapot'], here);
    expect(nothing).toMatchObject({ exitCode: 0, stdout: 'No model matches\n' });
  });
});

describe('the library', () => {
  it('is the one of --url, before or after the command, or of CANDY_URL', async () => {
    const { folder, models } = makePlace();
    put(models, 'a.stl', binaryCube('a'));
    const url = pathToFileURL(join(folder, 'deep', 'my library.db')).href;
    expect((await candy(['import', 'models', '--url', url], { folder })).exitCode).toBe(0);
    const listings = await Promise.all([
      candy(['list', '--json', '--url', url], { folder }),
      candy(['--url', url, 'list', '--json'], { folder }),
      candy(['list', '--json'], { folder, env: { CANDY_URL: url } }),
    ]);
    for (const listing of listings) expect(documentOf(listing)).toMatchObject({ total: 1 });
    expect(existsSync(join(folder, '.candy'))).toBe(false);
    expect((await candy(['list'], { folder, env: { CANDY_URL: '' } })).stderr).toContain(join('.candy', 'library.db'));
  });

  it('is migrated down and up by its owner, who is asked before data is lost', async () => {
    const here = await makeLibrary();
    const step = (...args: string[]) => candyIn(['migrate', ...args], here);
    expect(await step('down')).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('candy migrate down --yes'),
    });
    // The newest two take nothing away, the one before them does.
    expect(await step('down', '--steps', '2', '--yes')).toMatchObject({ exitCode: 0 });
    expect(await step('down')).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('candy migrate down --allow-data-loss models.file_stamp'),
    });
    expect(await step('down', '--to', 'none', '--yes')).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('candy migrate down --allow-data-loss'),
    });
    expect(await step('status')).toMatchObject({ exitCode: 2 });
    const loss = 'models.file_stamp,models.unit';
    expect(await step('down', '--yes', '--allow-data-loss', loss)).toMatchObject({ exitCode: 0 });
    expect(await step('status')).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining(newest),
    });

    const refused = await candyIn(['search', 'hex'], here);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toBe(
      `candy: The library is behind this program: run \`candy migrate up\` to apply 0009_what_files_say, 0010_counts_of_changes, ${newest}.\n`,
    );
    expect(await step('up')).toMatchObject({ exitCode: 0 });
    expect(documentOf(await candyIn(['search', 'hex', '--json'], here))).toMatchObject({ total: 2 });
  });

  it('can be made by migrate up', async () => {
    const place = makePlace();
    expect(await candy(['migrate', 'status'], place)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('there is no file'),
    });
    expect(await candy(['migrate', 'up'], place)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(documentOf(await candy(['list', '--json'], place))).toMatchObject({ total: 0 });
  });
});

describe('a reader that has seen enough', () => {
  it('ends the command without an error', async () => {
    const here = await makeLibrary();
    const listing = start(['list', '--json'], here);
    listing.child.stdout?.destroy();
    expect(await listing.ended).toMatchObject({ exitCode: 0, signal: null, stderr: '' });
  });
});

describe('an import that is ended', () => {
  /** Many small files, and one at the end that takes minutes: whoever ends the import at the first batch is in time. */
  function putMany({ models }: Place): { readonly slow: string; readonly small: number } {
    const small = 250;
    for (let i = 0; i < small; i += 1) put(models, `part ${String(i).padStart(3, '0')}.stl`, binaryCube(String(i)));
    const slow = put(models, 'slow.stl', '');
    // A hole: it takes no room, and as long to read as if it were full.
    truncateSync(slow, 200 * 2 ** 30);
    return { slow, small };
  }

  /** Ends an import by a signal once its first batch is committed, and says how it ended and what it left. */
  async function endBy(signal: NodeJS.Signals, place: Place): Promise<{ ended: Ended; committed: number }> {
    const library = await open(place);
    const { child, ended } = start(['import', 'models', '--json'], place);
    await expect.poll(() => library.repositories.models.count(), { interval: 5 }).toBeGreaterThanOrEqual(100);
    child.kill(signal);
    const how = await ended;
    expect(await problemsOf(library)).toEqual([]);
    return { ended: how, committed: await library.repositories.models.count() };
  }

  async function finish(place: Place, slow: string): Promise<unknown> {
    rmSync(slow);
    const again = await candy(['import', 'models', '--json'], place);
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await problemsOf(await open(place))).toEqual([]);
    return documentOf(again);
  }

  it.each([
    ['Ctrl-C', 'SIGINT'],
    ['a terminal that is closed', 'SIGHUP'],
  ] as const)('by %s writes what it has read, ends with 130, and the next one does the rest', async (_, signal) => {
    const place = makePlace();
    const { slow, small } = putMany(place);
    const { ended, committed } = await endBy(signal, place);
    expect(ended).toMatchObject({ exitCode: 130, signal: null, stderr: '' });
    expect(documentOf(ended)).toMatchObject({ interrupted: true, counts: { new: committed, unreadable: 0 } });
    expect(await finish(place, slow)).toMatchObject({ counts: { new: small - committed, unchanged: committed } });
  });

  it('by kill -9 leaves what was read before the file under way, and the next one does the rest', async () => {
    const place = makePlace();
    const { slow, small } = putMany(place);
    const { ended, committed } = await endBy('SIGKILL', place);
    expect(ended).toMatchObject({ exitCode: null, signal: 'SIGKILL', stdout: '' });
    expect(committed).toBeLessThanOrEqual(small);
    expect(await finish(place, slow)).toMatchObject({ counts: { new: small - committed, unchanged: committed } });
  });
});
