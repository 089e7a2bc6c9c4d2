// Every program of docs/guides runs, and prints what the guide says. The check "code blocks" compiles them.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type GuideProgram, layOut, readGuides, runIn } from './guide-programs.js';

/** Guides whose programs need another place to run, and the tests that run them. */
const elsewhere: Readonly<Record<string, string>> = { 'bundlers.md': 'apps/demo/test/bundles.test.ts' };

const found = await readGuides(Object.keys(elsewhere));
const guides = new Map([...found].filter(([name]) => elsewhere[name] === undefined));
const page = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

it('the READMEs link every guide', async () => {
  for (const name of found.keys()) {
    expect(await page('README.md')).toContain(`(docs/guides/${name})`);
    expect(await page('packages/tx/README.md')).toContain(`\`docs/guides/${name}\``);
  }
});

it('what runs elsewhere is read by the test there', async () => {
  for (const name of found.keys()) {
    const test = elsewhere[name];
    if (test !== undefined) expect(await page(test)).toContain(`docs/guides/${name}`);
  }
});

describe.each([...guides])('%s', (_, programs) => {
  it('has a program, and each is a test, tells what it prints, or is part of another', () => {
    expect(programs.length).toBeGreaterThan(0);
    const imported = (file: string): boolean =>
      programs.some(({ code }) => code.includes(`'./${file.replace(/\.ts$/, '.js')}'`));
    expect(programs.filter((each) => !runs(each) && !imported(each.file)).map(({ file }) => file)).toEqual([]);
  });

  it('does what it says', async () => {
    const folder = await layOut(programs);
    for (const program of programs.filter(runs)) {
      const { exitCode, output } = await runIn(folder, program);
      expect.soft({ output, exitCode }, program.file).toEqual({ output, exitCode: 0 });
      if (program.prints !== undefined) expect.soft(output, program.file).toMatch(pattern(program.prints));
    }
  }, 600_000);
});

function runs({ code, prints }: GuideProgram): boolean {
  return prints !== undefined || /from '(?:vitest|node:test)'/.test(code);
}

/** `…` in a guide stands for any text. */
function pattern(prints: string): RegExp {
  return new RegExp(
    `^${prints
      .split('…')
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('[^]*?')}$`,
  );
}
