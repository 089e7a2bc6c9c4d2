// docs/troubleshooting.md does what it says: each case is made to happen, is seen as the page shows it, and is gone after the
// commands of the page.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../candy.js';
import { candyHere } from '../candy-here.js';
import { shellWords } from '../shell-words.js';
import { makeLastingPlace, makePlace, type Place, put } from '../temporary-library.js';
import { codeCases } from './in-code.js';
import { commandLineCases, firstModel, type Provoked } from './on-the-command-line.js';
import { runLine } from './shell.js';

const page = readFileSync(new URL('../../../../docs/troubleshooting.md', import.meta.url), 'utf8');

/** The blocks of each case by its heading. */
const cases = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [heading = ''] = part.split('\n', 1);
      const text = part.split(/^## /m, 1)[0] ?? '';
      const blocks = [...text.matchAll(/^```(\w+)\n([^]*?)\n```$/gm)];
      return [heading, blocks.map(([, kind = '', content = '']) => ({ kind, content }))] as const;
    }),
);

const { place: made, remove } = makeLastingPlace();
beforeAll(async () => {
  put(made.models, 'Gear.stl', firstModel);
  for (const args of [
    ['import', 'models'],
    ['backup', 'backup.db'],
  ]) {
    const { exitCode, stderr } = await candyHere(args, made.folder);
    if (exitCode !== 0) throw new Error(`candy ${args.join(' ')}: ${stderr}`);
  }
});
afterAll(remove);

/** A place with that library and its backup, which this process has not opened. */
function makeLibrary(): Place {
  const place = makePlace();
  mkdirSync(join(place.folder, '.candy'));
  for (const name of ['.candy/library.db', 'backup.db'])
    copyFileSync(join(made.folder, name), join(place.folder, name));
  put(place.models, 'Gear.stl', firstModel);
  return place;
}

/** What is shown, as a pattern: `…` is anything. */
function patternOf(shown: string): RegExp {
  const escaped = shown.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(escaped.replaceAll('…', '[^]*?'));
}

async function walk(heading: string, place: Place, provoked: Provoked): Promise<void> {
  const { instead = {}, elsewhere, ...how } = provoked;
  const filled = (text: string): string =>
    Object.entries(instead).reduce((now, [shown, meant]) => now.replaceAll(shown, meant), text);
  const run = async (line: string, expected: number): Promise<string> => {
    const ended = await runLine(line, { folder: place.folder, ...how });
    if (ended !== null) expect({ line, ...ended }).toMatchObject({ exitCode: expected });
    return ended?.output ?? '';
  };
  let output = '';
  let waiting: ReturnType<typeof start> | null = null;
  let failed: string | null = null;
  for (const { kind, content } of cases.get(heading) ?? []) {
    if (kind === 'text') expect(output).toMatch(patternOf(filled(content)));
    if (kind === 'console') await elsewhere?.();
    if (kind !== 'sh') continue;
    for (const each of content.split('\n')) {
      const [line = '', remark = '0'] = filled(each).split(/ +# /);
      if (remark === 'waits') {
        waiting = start(shellWords(line).slice(1), place);
        output = await firstLine(waiting);
        continue;
      }
      output = await run(line, Number(remark));
      if (failed === null && remark !== '0') failed = line;
    }
  }
  if (waiting !== null) expect(await waiting.ended).toMatchObject({ exitCode: 0 });
  if (failed !== null && !failed.includes(' search ')) await run(failed, 0);
}

/** What a command says while it waits. */
function firstLine({ child }: ReturnType<typeof start>): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    child.stderr?.on('data', (text: string) => {
      said += text;
      if (said.includes('\n')) resolve(said);
    });
  });
}

describe('a trouble on the command line', () => {
  it.each(Object.entries(commandLineCases))(
    '%s: is seen, and mended',
    async (heading, { impossible = null, provoke }) => {
      if (impossible !== null) {
        process.stderr.write(`SKIPPED: ${heading}: ${impossible}\n`);
        return;
      }
      const place = makeLibrary();
      await walk(heading, place, await provoke(place));
    },
  );
});

describe('a trouble in code', () => {
  it.each(Object.entries(codeCases))('%s: is seen, and mended', async (heading, { impossible = null, show }) => {
    if (impossible !== null) {
      process.stderr.write(`SKIPPED: ${heading}: ${impossible}\n`);
      return;
    }
    const message = await show(makeLibrary());
    const shown = cases.get(heading)?.filter(({ kind }) => kind === 'text') ?? [];
    expect(shown).toHaveLength(message === null ? 0 : 1);
    for (const { content } of shown) expect(message).toMatch(patternOf(content));
  });
});

it('has a case for each heading, and a heading for each case', () => {
  expect([...cases.keys()].sort()).toEqual([...Object.keys(commandLineCases), ...Object.keys(codeCases)].sort());
});

it('leads to each of its symptoms from the top', () => {
  const symptoms = [...page.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title);
  expect(symptoms).toHaveLength(10);
  for (const title of symptoms) expect(page).toContain(`[${title}](#${title.toLowerCase().replaceAll(' ', '-')})`);
});
