import { describe, expect, it } from 'vitest';
import { bytes, columns, count, counted, cut, duration, harmless, visible } from '../src/terminal.js';

describe('visible', () => {
  it('shows what could move the cursor, add a line or turn the text around', () => {
    expect(visible('a\nb\tc\rd')).toBe('a\\nb\\u0009c\\u000dd');
    expect(visible('\u001b[2J\u0007\u007f\u009b')).toBe('\\u001b[2J\\u0007\\u007f\\u009b');
    expect(visible('\u2028\u2029')).toBe('\\u2028\\u2029');
    expect(visible('evil\u202elts.exe\u2066')).toBe('evil\\u202elts.exe\\u2066');
  });

  it('leaves names in any script as they are', () => {
    for (const name of ['模型', 'مسمار', '나사', 'Größe'.normalize('NFD'), '😀 👩‍🔧', `it's "50 %"; --`]) {
      expect(visible(name)).toBe(name);
    }
  });
});

describe('harmless', () => {
  it('leaves lines, tabs and colours, and nothing else that steers a terminal', () => {
    const ours = 'a\n\tb \u001b[1mNAME\u001b[22m \u001b[31mcandy:\u001b[39m 模型 👩‍🔧';
    expect(harmless(ours)).toBe(ours);
    expect(harmless('a\rb\u001b[2J\u001b]52;c;eA==\u0007\u009b\u202e\u2028')).toBe(
      'a\\u000db\\u001b[2J\\u001b]52;c;eA==\\u0007\\u009b\\u202e\\u2028',
    );
  });

  it('leaves JSON what it is', () => {
    const value = { '\u009b\u202e\u001b': ['\u0007\u007f', 'a\nb'] };
    expect(JSON.parse(harmless(JSON.stringify(value, null, 2)))).toEqual(value);
  });
});

describe('numbers', () => {
  it('are written as English does', () => {
    for (const value of [
      0,
      0.004,
      0.005,
      -0.4,
      1.005,
      999.999,
      1000,
      -1234.5,
      1234567.891,
      1e9,
      2 ** 53 - 1,
      1e21,
      1.5e12,
      NaN,
    ]) {
      expect(count(value)).toBe(value.toLocaleString('en-US', { maximumFractionDigits: 2 }));
    }
  });

  it('stand before one thing or several', () => {
    expect([0, 1, 2000].map((files) => counted(files, 'file'))).toEqual(['0 files', '1 file', '2,000 files']);
    expect([1, 2].map((found) => counted(found, 'search', 'searches'))).toEqual(['1 search', '2 searches']);
  });
});

describe('columns', () => {
  it('align by the cells that a terminal gives to each character', () => {
    expect(
      columns([
        ['NAME', 'FORMAT'],
        ['螺丝', 'stl'],
        ['나사-볼트', 'obj'],
        ['🔩', 'ply'],
        ['é'.normalize('NFD'), '3mf'],
      ]),
    ).toEqual([
      'NAME       FORMAT',
      '螺丝       stl',
      '나사-볼트  obj',
      '🔩         ply',
      `${'é'.normalize('NFD')}          3mf`,
    ]);
  });

  it('may be cut where a text is too long, between what the eye takes for characters', () => {
    expect(cut('short', 5)).toBe('short');
    expect(cut('longer', 5)).toBe('long…');
    expect(cut('六角螺丝', 5)).toBe('六角…');
    expect(cut('ab👩‍🔧👩‍🔧', 5)).toBe('ab👩‍🔧…');
    expect(cut('a\nb\nc', 4)).toBe('a\\n…');
  });

  it('put numbers to the right, with separators, and end lines without spaces', () => {
    expect(
      columns([
        ['TRIANGLES', 'TAGS'],
        [1234567, ''],
        [12, 'a'],
        ['', 'b'],
      ]),
    ).toEqual(['TRIANGLES  TAGS', '1,234,567', '       12  a', '           b']);
  });

  it('keep a row on one line, and are nothing for nothing', () => {
    expect(columns([['new\nline', 'x']])).toEqual(['new\\nline  x']);
    expect(columns([])).toEqual([]);
  });
});

describe('numbers', () => {
  it('have separators and at most two decimals', () => {
    expect([0, 999, 1000, 1234567.891].map(count)).toEqual(['0', '999', '1,000', '1,234,567.89']);
  });

  it('of bytes are exact below 1 KiB and have three digits above', () => {
    const kibibyte = 1024;
    const shown = [0, 1, 1000, 1023, kibibyte, 1500, 15_000, 684_000, kibibyte ** 2 - 1, kibibyte ** 2].map(bytes);
    expect(shown).toEqual([
      '0 B',
      '1 B',
      '1,000 B',
      '1,023 B',
      '1 KiB',
      '1.46 KiB',
      '14.6 KiB',
      '668 KiB',
      '1 MiB',
      '1 MiB',
    ]);
    expect([1010 * kibibyte, 3.5 * kibibyte ** 3, 2 * kibibyte ** 4, 5000 * kibibyte ** 4].map(bytes)).toEqual([
      '1,010 KiB',
      '3.5 GiB',
      '2 TiB',
      '5,000 TiB',
    ]);
  });

  it('of time have the unit that suits them', () => {
    const shown = [0, 0.0123, 0.9996, 1, 9.96, 12.3, 999.4, 999.6, 1234, 59_949, 59_960, 61_000, 3_725_000];
    expect(shown.map(duration)).toEqual([
      '0 µs',
      '12 µs',
      '1.0 ms',
      '1.0 ms',
      '10 ms',
      '12 ms',
      '999 ms',
      '1.0 s',
      '1.2 s',
      '59.9 s',
      '1 min 0 s',
      '1 min 1 s',
      '62 min 5 s',
    ]);
  });
});
