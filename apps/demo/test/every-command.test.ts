// Every command of candy against one library of the tour's sample models: what its help shows, what it answers to people and
// to programs, what it says to a slip, and that all of it works on a real terminal. A command without a row fails.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeSampleLibrary } from '../src/sample-library.js';
import { plain } from './adopt/adopting.js';
import { designed, makeOld } from './adopt/old-libraries.js';
import { candyHere } from './candy-here.js';
import { binaryCube } from './cube.js';
import { shellWords } from './shell-words.js';

interface Row {
  /** What is right: done with `--json`, with `--jsonl`, for people and on a terminal; `way` tells the four apart. */
  readonly right: (way: string) => readonly string[];
  /** How it ends. Default 0. */
  readonly exitCode?: number;
  /** A slip of the fingers, and a part of what is said about it. */
  readonly wrong: readonly [args: readonly string[], said: string];
  /** False: it answers with something else than JSON, or has flags of its own. */
  readonly json?: boolean;
  /** True: it goes on until Ctrl-C, which here comes at once. */
  readonly isEndless?: boolean;
}

const model = 'Hex nut M3';

/** What `health` says of this process is a matter of the machine. */
const eitherHealth = expect.toBeOneOf([0, 2]);

const rows: Readonly<Record<string, Row>> = {
  import: { right: () => ['import', 'few'], wrong: [['few', '--retyr'], 'Did you mean --retry?'] },
  search: { right: () => ['search', 'hex', '--sort', 'name'], wrong: [['x', '--sort', 'nmae'], 'Did you mean name?'] },
  list: { right: () => ['list', '--max-size', '20kB'], wrong: [['--format', 'slt'], 'Did you mean stl?'] },
  show: { right: () => ['show', model], wrong: [['Hex nut'], 'Did you mean'] },
  open: { right: () => ['open', model], wrong: [['Hex nut'], 'Did you mean'] },
  tag: { right: (way) => ['tag', model, `by ${way}`], wrong: [['nosuchmodel', 'x'], 'No model has the id'] },
  untag: { right: (way) => ['untag', model, `old ${way}`], wrong: [['nosuchmodel', 'x'], 'No model has the id'] },
  rate: { right: () => ['rate', model, '4'], wrong: [[model, '6'], 'whole number from 1 to 5'] },
  favorite: { right: () => ['favorite', model], wrong: [[model, '--remov'], 'Did you mean --remove?'] },
  status: { right: () => ['status', model, 'archived'], wrong: [[model, 'archved'], 'Did you mean archived?'] },
  printed: { right: () => ['printed', model], wrong: [[], "missing required argument 'model'"] },
  'meta get': {
    right: () => ['meta', 'get', 'Washer M5', 'layer'],
    wrong: [['Washer M5', 'lyaer'], 'Did you mean layer?'],
  },
  'meta set': { right: () => ['meta', 'set', model, 'layer', '0.2'], wrong: [[model, 'layer'], "argument 'value'"] },
  'meta unset': { right: () => ['meta', 'unset', model, 'layer'], wrong: [[model], "argument 'key'"] },
  'collection list': { right: () => ['collection', 'list', 'Shop'], wrong: [['Shpo'], 'Did you mean Shop?'] },
  'collection add': {
    right: (way) => ['collection', 'add', `of ${way}`, model],
    wrong: [['Shop'], "argument 'model'"],
  },
  'collection remove': {
    right: () => ['collection', 'remove', 'Shop', model],
    wrong: [['Shpo', model], 'Did you mean Shop?'],
  },
  'saved list': { right: () => ['saved', 'list'], wrong: [['x'], 'too many arguments'] },
  'saved add': {
    right: (way) => ['saved', 'add', way, 'hex', '--tag', 'x'],
    wrong: [['x', '--min-size', '1XB'], '1.5MB'],
  },
  'saved run': { right: () => ['saved', 'run', 'nuts'], wrong: [['nust'], 'Did you mean nuts?'] },
  'saved remove': { right: (way) => ['saved', 'remove', `old ${way}`], wrong: [['nust'], 'Did you mean nuts?'] },
  duplicates: { right: () => ['duplicates'], wrong: [['--limit', '0'], 'whole number from 1 to 1000'] },
  problems: { right: () => ['problems'], wrong: [['--limti', '5'], 'Did you mean --limit?'] },
  missing: { right: () => ['missing'], wrong: [['x'], 'too many arguments'] },
  forget: { right: (way) => ['forget', `away ${way}`], wrong: [[model], 'is not missing: with --present'] },
  moved: {
    right: (way) => ['moved', `lost ${way}`, `found/${way}.stl`],
    wrong: [[model, 'few/one.stl'], 'is not missing'],
  },
  stats: { right: () => ['stats'], wrong: [['--josn'], 'Did you mean --json?'] },
  backup: { right: (way) => ['backup', `copy ${way}.db`], wrong: [['shared.db'], 'exists already'] },
  restore: {
    right: (way) => ['restore', 'shared.db', '--yes', '--url', `file:restored-${way}.db`],
    wrong: [['nosuch.db'], 'There is no file'],
  },
  verify: {
    right: () => ['verify'],
    wrong: [['--url', 'file:nosuch.db'], 'There is no library at'],
  },
  maintain: { right: () => ['maintain'], wrong: [['x'], 'too many arguments'] },
  health: {
    right: () => ['health'],
    exitCode: eitherHealth,
    wrong: [['--watch', 'soon'], 'whole number from 1 to 86400'],
  },
  serve: {
    right: () => ['serve', '--port', '0'],
    isEndless: true,
    wrong: [['--port', '70000'], 'whole number from 0 to 65535'],
  },
  sample: {
    right: (way) => ['sample', '--models', '50', '--url', `file:sample-${way}.db`],
    wrong: [['--models', '5'], 'holds models of your own'],
  },
  adopt: { right: () => ['adopt', 'old.db', '--dry-run'], wrong: [['nosuch.db'], 'nosuch.db'] },
  copy: {
    right: (way) => ['copy', 'shared.db', `copied-${way}.db`],
    wrong: [['nosuch.db', 'other.db'], 'There is no library at'],
  },
  completion: {
    right: () => ['completion', 'bash'],
    json: false,
    wrong: [['bsh'], 'Allowed choices are bash, zsh, fish'],
  },
  migrate: { right: () => ['migrate', 'status'], json: false, wrong: [['statsu'], 'Did you mean status?'] },
};

const ways = ['people', 'json', 'jsonl', 'terminal'] as const;

let folder = '';
let env: Readonly<Record<string, string>> = {};
const ended: object[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'every-command-'));
  // Where the program that opens files is a real one, it would open windows.
  mkdirSync(join(folder, 'bin'));
  for (const opener of ['xdg-open', 'open']) {
    writeFileSync(join(folder, 'bin', opener), '#!/bin/sh\n');
    chmodSync(join(folder, 'bin', opener), 0o755);
  }
  env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, TERM: 'xterm', HOME: folder };
  vi.stubEnv('PATH', env['PATH']);
  await makeSampleLibrary(join(folder, 'models'));
  for (const name of ['few', 'found', 'new', 'gone']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'few', 'one.stl'), binaryCube('one'));
  for (const way of ways) {
    for (const name of ['lost', 'away'])
      writeFileSync(join(folder, 'gone', `${name} ${way}.stl`), binaryCube(name + way));
    writeFileSync(join(folder, 'found', `${way}.stl`), binaryCube(`found ${way}`));
  }
  await makeOld(join(folder, 'old.db'), designed, [plain('gear')]);
  await candy(['import', 'models', 'gone', 'few']);
  renameSync(join(folder, 'gone'), join(folder, 'elsewhere'));
  mkdirSync(join(folder, 'gone'));
  const prepared: readonly (readonly string[])[] = [
    ['import', 'gone', '--emptied'],
    ['tag', model, ...ways.map((way) => `old ${way}`)],
    ['meta', 'set', 'Washer M5', 'layer', '0.2'],
    ['collection', 'add', 'Shop', model],
    ['saved', 'add', 'nuts', 'nut'],
    ...ways.map((way) => ['saved', 'add', `old ${way}`, 'x']),
    ['backup', 'shared.db'],
    ...ways.map((way) => ['backup', `restored-${way}.db`]),
  ];
  for (const args of prepared) ended.push({ args, ...(await candy(args)) });
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('the rows of this table', () => {
  it('stand on a library that was made without a word of complaint', () => {
    for (const one of ended) expect(one).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.length).toBeGreaterThan(10);
  });

  it('are the commands that the program has, its completion being the second reader', async () => {
    const { stdout } = await candy(['completion', 'fish']);
    const names = [...stdout.matchAll(/__fish_use_subcommand -f -a (\S+)/g)].map(([, name = '']) => name);
    const subcommands = [...stdout.matchAll(/__fish_seen_subcommand_from (\S+)' -a (\S+)/g)];
    const parents = new Set(subcommands.map(([, parent]) => parent));
    const all = [
      ...names.filter((name) => !parents.has(name)),
      ...subcommands.map(([, parent, name]) => `${parent} ${name}`),
    ];
    expect(Object.keys(rows).toSorted()).toEqual(all.toSorted());
  });
});

describe.each(Object.entries(rows))('candy %s', (name, { right, exitCode = 0, wrong: [slip, said], json = true }) => {
  const command = name.split(' ');

  it('has help with examples', async () => {
    const help = await candy([...command, '--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    if (name !== 'migrate') expect(help.stdout).toMatch(new RegExp(`\\nExamples?:\\n {2}candy ${name}(?: |\\n)`));
  });

  it('answers people in lines without control characters, as there is no terminal', async () => {
    const ended = await candy(right('people'));
    expect(ended).toMatchObject({ exitCode, stderr: '' });
    expect(ended.stdout).toMatch(/^[^\p{Cc}]+\n/u);
    expect(ended.stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it.runIf(json)('answers programs with one document, and in lines', async () => {
    const ended = await candy([...right('json'), '--json']);
    expect(ended).toMatchObject({ exitCode, stderr: '' });
    expect(JSON.parse(ended.stdout)).toBeTypeOf('object');
    const lines = await candy([...right('jsonl'), '--jsonl']);
    expect(lines).toMatchObject({ exitCode, stderr: '' });
    for (const line of lines.stdout.split('\n').filter((text) => text !== ''))
      expect(JSON.parse(line)).toBeTypeOf('object');
  });

  it('says what is wrong in a line or two and what to do, with a stack trace only where one is asked for', async () => {
    const args = [...command, ...slip];
    const ended = await candy(args);
    expect(ended).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(said) });
    expect(ended.stderr).not.toMatch(/^ +at /m);
    expect(ended.stderr).toMatch(/^(?:candy|error): .+\n/);
    if (!json) return;
    const inJson = await candy([...args, '--json', '--verbose']);
    expect(inJson).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^ +at /m) });
    expect(inJson.stderr.startsWith(ended.stderr)).toBe(true);
    expect(JSON.parse(inJson.stdout).error).toMatchObject({
      code: expect.stringMatching(/^[A-Z_]+$/),
      message: expect.stringContaining(said),
    });
  });
});

/** Of util-linux: there are others of the name. */
const terminalMaker = 'script';
const hasScript = spawnSync(terminalMaker, ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;
const missing = hasScript ? '' : ' (SKIPPED: `script` of util-linux, which makes terminals, is not here)';

describe.skipIf(!hasScript).concurrent(`on a real terminal${missing}`, () => {
  const ending = Object.entries(rows).filter(([, { isEndless }]) => isEndless !== true);
  it.each(ending)('candy %s', async (_name, { right, exitCode = 0 }) => {
    const ended = await onTerminal(right('terminal'));
    expect(ended).toMatchObject({ exitCode });
    expect(ended.output).not.toMatch(/^ +at /m);
  });

  it('marks the head of a table, unless NO_COLOR says no', async () => {
    const [head = ''] = (await onTerminal(['list'])).output.split('\r\n');
    expect([head.startsWith('\u001b[1mNAME '), head.endsWith('\u001b[22m')]).toEqual([true, true]);
    expect((await onTerminal(['list'], { NO_COLOR: '1' })).output).toMatch(/^NAME /);
    const { output } = await onTerminal(['show', 'nosuch']);
    expect(output.startsWith('\u001b[31mcandy:\u001b[39m No model')).toBe(true);
  });

  it('ends an import by Ctrl-C while its reader starts, and leaves the cursor and the breaking of lines alone', async () => {
    const { child, ended } = terminal(['import', 'models', '--url', 'file:ended.db']);
    let seen = '';
    child.stdout.on('data', (text: string) => {
      if (!seen.includes('Importing') && text.includes('Importing')) child.stdin.write('\u0003');
      seen += text;
    });
    const { exitCode, output } = await ended;
    expect({ exitCode, output }).toEqual({
      exitCode: 130,
      output: expect.stringContaining('Interrupted: 0 model files'),
    });
    expect(output).not.toContain('\u001b[?');
  });

  it('watches the health until Ctrl-C', async () => {
    const { child, ended } = terminal(['health', '--watch', '1']);
    let [seen, isEnded] = ['', false];
    child.stdout.on('data', (text: string) => {
      seen += text;
      // Twice: it has waited and looked again.
      if (isEnded || seen.split('until Ctrl-C').length < 3) return;
      isEnded = true;
      child.stdin.write('\u0003');
    });
    expect(await ended).toMatchObject({ exitCode: 0, output: expect.stringContaining('\u001b[H\u001b[J') });
  });
});

// The help of a command is read before its examples change what others read: they come last.
describe('an example of the help', () => {
  it.each(Object.keys(rows).filter((name) => name !== 'migrate'))('of %s does what it says', async (name) => {
    const { stdout } = await candy([...name.split(' '), '--help']);
    const examples = (/\nExamples?:\n([^]+)$/.exec(stdout)?.[1] ?? '').split('\n').filter((line) => line !== '');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const [program, ...args] = shellWords(example);
      expect(program).toBe('candy');
      const prepared = before[args.join(' ')];
      if (prepared !== undefined) expect(await candy(prepared)).toMatchObject({ exitCode: 0 });
      const ended = await (args[0] === 'restore' ? restoredElsewhere(args) : candy(args));
      expect({ example, ...ended }).toMatchObject({
        exitCode: args[0] === 'health' ? eitherHealth : (expectedOf[args.join(' ')] ?? 0),
      });
    }
  });
});

/** What examples stand on. */
const before: Readonly<Record<string, readonly string[]>> = {
  'meta get Gear 12 teeth layer': ['meta', 'set', 'Gear 12 teeth', 'layer', '0.2'],
  'collection list Robot': ['collection', 'add', 'Robot', 'Gear 12 teeth'],
  'saved run bolts': ['saved', 'add', 'bolts', 'hex bolt'],
  'saved remove bolts': ['saved', 'add', 'bolts', 'hex bolt'],
  'untag Gear 12 teeth steel': ['tag', 'Gear 12 teeth', 'steel'],
};

/** One sample model is broken, so that an import ends with 2; and no gear is missing. */
const expectedOf: Readonly<Record<string, number>> = {
  'moved Gear 12 teeth new/gear.stl': 1,
  'import models': 2,
  'import models --tags-from-folders --ignore *.gcode': 2,
};

/** A library is put back only where nobody has it open, and this process may still have one that it has closed. */
async function restoredElsewhere(args: readonly string[]) {
  const elsewhere = join(folder, 'restoring');
  mkdirSync(join(elsewhere, '.candy'), { recursive: true });
  copyFileSync(join(folder, 'library-backup.db'), join(elsewhere, 'library-backup.db'));
  copyFileSync(join(folder, 'library-backup.db'), join(elsewhere, '.candy', 'library.db'));
  return await candyHere(args, elsewhere);
}

function candy(args: readonly string[]) {
  const isEndless = args[0] !== undefined && rows[args[0]]?.isEndless === true;
  return candyHere(args, folder, isEndless ? AbortSignal.abort(new Error('interrupted')) : undefined);
}

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));

function terminal(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  // Without exec the shell in between would be interrupted too.
  const typed = ['exec', process.execPath, entry, ...args].map((arg, at) => (at === 0 ? arg : `'${arg}'`)).join(' ');
  const child = spawn(terminalMaker, ['-qefc', typed, '/dev/null'], {
    cwd: folder,
    env: { ...env, ...more },
    stdio: 'pipe',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<{ exitCode: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
  return { child, ended };
}

async function onTerminal(args: readonly string[], more?: Readonly<Record<string, string>>) {
  return await terminal(args, more).ended;
}
