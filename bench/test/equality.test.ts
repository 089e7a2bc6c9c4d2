import { describe, expect, it } from 'vitest';
import { digest } from '../harness/digest.js';
import { requireEqualDurability, requireEqualResults, type Trial } from '../harness/equality.js';
import { summarise } from '../harness/measure.js';
import type { ConnectionDurability, Phase } from '../harness/suite.js';

const normal: ConnectionDurability = { connection: 'writer', journalMode: 'wal', synchronous: 1 };
const phase: Phase = {
  name: 'reads',
  contenders: ['raw', 'ours', 'peer'],
  mayDiffer: ['peer'],
  run: async () => ({ rows: {}, durability: [] }),
  inspect: async () => ({ digest: null, facts: {} }),
};

function trialOf(contender: string, answer: unknown, disk = 'rows', durability = [normal]): Trial {
  const report = { rows: { read: summarise([1], 'µs', digest(answer)) }, durability };
  return { phase: 'reads', contender, trial: 0, report, inspection: { digest: disk, facts: {} } };
}

describe('results', () => {
  it('may be dressed differently', () => {
    const at = new Date(5);
    const trials = [
      trialOf('raw', { id: 'a', at: 5, favorite: 0, _metadata: { duration: 1 } }),
      trialOf('ours', { favorite: false, id: 'a', at, missing: undefined }),
    ];
    expect(() => requireEqualResults(phase, trials)).not.toThrow();
  });

  it('that differ fail the run and name the row and the contenders', () => {
    const trials = [trialOf('raw', { id: 'a' }), trialOf('ours', { id: 'b' })];
    expect(() => requireEqualResults(phase, trials)).toThrow(/row 'read': \w+ from raw; \w+ from ours/);
  });

  it('that differ between two trials of one contender fail the run', () => {
    expect(() => requireEqualResults(phase, [trialOf('ours', 1), trialOf('ours', 2)])).toThrow(/row 'read'/);
  });

  it('fail the run when the rows on disk differ', () => {
    const trials = [trialOf('raw', 1, 'all rows'), trialOf('ours', 1, 'one row less')];
    expect(() => requireEqualResults(phase, trials)).toThrow(/the rows on disk/);
  });

  it('tell apart what JSON types tell apart', () => {
    expect(digest(1)).not.toBe(digest('1'));
    expect(digest([1, 2])).not.toBe(digest([2, 1]));
    expect(digest({ a: null })).not.toBe(digest({}));
  });

  it('of contenders whose failure is the result may differ', () => {
    expect(() => requireEqualResults(phase, [trialOf('raw', 1), trialOf('peer', 2, 'other rows')])).not.toThrow();
  });
});

describe('durability', () => {
  it('fails the run when a connection syncs more or less than the others', () => {
    const full = { ...normal, connection: 'second', synchronous: 2 };
    const trials = [trialOf('raw', 1), trialOf('ours', 1, 'rows', [normal, full])];
    expect(() => requireEqualDurability(phase, trials)).toThrow('ours, second: wal, synchronous=2');
  });

  it('fails the run when a contender says nothing about its connections', () => {
    expect(() => requireEqualDurability(phase, [trialOf('raw', 1, 'rows', [])])).toThrow('raw: reported no connection');
  });

  it('is not asked of a phase that works on no database', () => {
    const trials = [trialOf('raw', 1, 'rows', [])];
    expect(() => requireEqualDurability({ ...phase, hasDatabase: false }, trials)).not.toThrow();
  });
});
