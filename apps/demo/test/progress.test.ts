// How far long work is, told with rate and time left by a clock that the test moves.
import { describe, expect, it } from 'vitest';
import { createOutput } from '../src/output.js';
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
