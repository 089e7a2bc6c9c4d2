// The examples of the README, run one after the other as they stand there, and that it has every command.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSampleLibrary } from '../src/sample-library.js';
import { candy } from './candy.js';
import { candyHere } from './candy-here.js';
import { shellWords } from './shell-words.js';
import { makePlace } from './temporary-library.js';

const text = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');

describe('the README', () => {
  it('has examples that end as it says', async () => {
    const place = makePlace();
    await makeSampleLibrary(place.models);
    const examples = [...text.matchAll(/```sh\n([^]*?)```/g)].flatMap(([, block = '']) => block.trimEnd().split('\n'));
    expect(examples.length).toBeGreaterThan(15);
    for (const example of examples) {
      const [line = '', remark = '0'] = example.split(/ +# /);
      const [program, ...args] = shellWords(line);
      expect(program).toBe('candy');
      // A process each: a library that this one has opened could not be restored.
      expect({ example, ...(await candy(args, place)) }).toMatchObject({ exitCode: Number.parseInt(remark, 10) });
    }
  });

  it('has every command in its table', async () => {
    const { folder } = makePlace();
    const { stdout } = await candyHere(['completion', 'fish'], folder);
    const names = [...stdout.matchAll(/__fish_use_subcommand -f -a (\S+)/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(25);
    const table = text.slice(text.indexOf('## Commands'), text.indexOf('## Finding'));
    for (const name of names) expect(table).toMatch(new RegExp(`\`${name}[ \`,]`));
  });

  it('has every flag of a filter', async () => {
    const { folder } = makePlace();
    const { stdout } = await candyHere(['saved', 'add', '--help'], folder);
    const flags = [...stdout.matchAll(/^ {2}--(\S+)/gm)].map(([, flag = '']) => flag);
    expect(flags.length).toBeGreaterThan(20);
    for (const flag of flags) expect(text).toContain(`--${flag}`);
  });
});
