// How far long work is, told with rate and time left by a clock that the test moves.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createOutput, type Output } from '../src/output.js';
import { showProgress, showSteps } from '../src/progress.js';

function told(interactive: boolean, steps: readonly (readonly [atMs: number, done: number])[]): string {
  let [text, clock] = ['', 0];
  const write = (more: string): boolean => {
    text += more;
    return true;
  };
  const output = createOutput({ stdout: { write }, stderr: { write }, interactive });
  const progress = showProgress(output, { doing: 'Making', things: 'models', now: () => clock });
  for (const [atMs, done] of steps) {
    clock = atMs;
    progress.show(done, 1000);
  }
  progress.end();
  return text;
}

describe('progress in a log', () => {
  it('is a line every two seconds with the rate and the time left', () => {
    expect(
      told(false, [
        [0, 0],
        [1900, 90],
        [2000, 100],
        [3000, 150],
        [10_000, 500],
        [20_000, 1000],
      ]),
    ).toBe(
      [
        'Making: 100 of 1,000 models, 50/s, 18 s left',
        'Making: 500 of 1,000 models, 50/s, 10 s left',
        'Making: 1,000 of 1,000 models, 50/s\n',
      ].join('\n'),
    );
  });

  it('guesses nothing before anything is done', () => {
    expect(told(false, [[5000, 0]])).toBe('Making: 0 of 1,000 models, 0/s\n');
  });
});

describe('progress on a terminal', () => {
  afterEach(() => void vi.useRealTimers());

  /** What is on a terminal of so many columns: the lines that stay, and the one that is written over. */
  function screen(columns: number): { readonly output: Output; readonly lines: () => readonly string[] } {
    let text = '';
    const write = (more: string) => {
      text += more;
    };
    const output = createOutput({ stdout: { write }, stderr: { write, columns }, interactive: true });
    const lines = () => text.split('\n').map((line) => line.slice(line.lastIndexOf('\u001b[K') + 1).replace('[K', ''));
    return { output, lines };
  }

  function shown(columns: number): string {
    vi.useFakeTimers();
    const { output, lines } = screen(columns);
    let clock = 0;
    const progress = showProgress(output, { doing: 'Importing', things: 'files', now: () => clock });
    clock = 10_000;
    progress.show(2_130, 10_000);
    const line = lines().at(-1) ?? '';
    progress.end();
    expect(lines()).toEqual(['']);
    expect(vi.getTimerCount()).toBe(0);
    return line;
  }

  it('is a line that says how long it takes, with a bar where there is room for one', () => {
    expect([200, 80, 60, 20].map(shown)).toEqual([
      `Importing ${'█'.repeat(9)}${'░'.repeat(31)} 2,130 of 10,000 files, 213/s, 37 s left`,
      `Importing ${'█'.repeat(6)}${'░'.repeat(23)} 2,130 of 10,000 files, 213/s, 37 s left`,
      'Importing ██░░░░░░░ 2,130 of 10,000 files, 213/s, 37 s left',
      'Importing 2,130 of…',
    ]);
  });

  it('stands below what is noted meanwhile, however long that is', () => {
    vi.useFakeTimers();
    const { output, lines } = screen(40);
    const progress = showProgress(output, { doing: 'Importing', things: 'files' });
    progress.show(0, 10);
    const note = 'candy: Another program is writing to the library, and this waits for it';
    output.note(note);
    expect(lines()).toEqual([note, expect.stringContaining('0 of 10 files')]);
    progress.end();
    output.note('after');
    expect(lines()).toEqual([note, 'after', '']);
  });

  it('guesses no time from the first of many', () => {
    vi.useFakeTimers();
    const { output, lines } = screen(100);
    let clock = 0;
    const progress = showProgress(output, { doing: 'Importing', things: 'files', now: () => clock });
    clock = 2_600;
    progress.show(1, 3_062);
    expect(lines()[0]).toMatch(/ 1 of 3,062 files, 0\/s$/);
    progress.end();
  });
});

describe('steps', () => {
  const toldOf = (interactive: boolean, json: boolean): string => {
    let text = '';
    const write = (more: string): boolean => {
      text += more;
      return true;
    };
    const steps = showSteps(createOutput({ stdout: { write }, stderr: { write }, interactive }, { json }), 'Verifying');
    steps.step('the file');
    steps.step('the index');
    steps.end();
    steps.end();
    return text;
  };

  it('are a line that each writes over, and nothing of it stays', () => {
    expect(toldOf(true, false)).toBe('\r\u001b[KVerifying: the file\r\u001b[K\r\u001b[KVerifying: the index\r\u001b[K');
  });

  it('are not told to a log, nor beside a document', () => {
    expect([toldOf(false, false), toldOf(true, true)]).toEqual(['', '']);
  });
});
