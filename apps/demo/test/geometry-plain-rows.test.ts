// Lines of an OBJ and facets of an ASCII STL that are read from their bytes give what the same lines give as text, and numbers
// are those of JavaScript.
import { seededRandom } from '@cc/testkit/random';
import { expect, it } from 'vitest';
import { DecimalCursor } from '../src/geometry/decimal.js';
import { numberFrom } from '../src/geometry/number-text.js';
import { ObjRows } from '../src/geometry/obj-rows.js';
import { CornerList, PositionList } from '../src/geometry/position-list.js';
import { StlRows } from '../src/geometry/stl-rows.js';
import { measure } from './measuring.js';

const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);
const random = seededRandom(seed);
const decimal = (): string => {
  const digits = () => String(random.below(10 ** random.whole(1, 9))) + random.pick(['', String(random.below(1e9))]);
  const sign = random.pick(['', '-', '+']);
  const exponent = random.once(3) ? random.pick(['e', 'E']) + random.pick(['', '-', '+']) + random.below(30) : '';
  return random.pick([
    `${sign}${digits()}.${digits()}${exponent}`,
    `${sign}${digits()}${exponent}`,
    `${sign}.${digits()}${exponent}`,
    `${sign}${digits()}.${exponent}`,
  ]);
};

it(`reads decimals to the last bit, seed ${seed}`, () => {
  const cursor = new DecimalCursor();
  for (let round = 0; round < 20_000; round += 1) {
    const word = decimal();
    cursor.at = 1;
    expect([word, cursor.decimal(Buffer.from(` ${word}\n`)), cursor.at]).toEqual([
      word,
      numberFrom(word),
      word.length + 1,
    ]);
  }
});

it('rounds decimals of many digits as JavaScript does, those halfway between two doubles and beside it too', () => {
  const cursor = new DecimalCursor();
  const read = (word: string): readonly [string, number] => {
    cursor.at = 0;
    return [word, cursor.decimal(Buffer.from(`${word} `))];
  };
  for (let round = 0; round < 5_000; round += 1) {
    const double = 2 ** 52 + random.below(2 ** 31) * 2 ** 20 + random.below(2 ** 20);
    const halfway = `${double}.5`;
    const far = String((random.next() - 0.5) * 10 ** random.whole(-4, 9));
    const more = String(random.below(1e9));
    for (const word of [halfway, `${halfway}0000001`, `${double}.49999999`, `-${halfway}e-17`, far, far + more])
      expect(read(word)).toEqual([word, Number(word)]);
  }
});

it.each(['', ' ', '.', '-', '+.', 'e5', '1e', '1e+', '1.e-', 'NaN', 'Infinity', 'x'])('%j is no decimal', (word) => {
  const bytes = Buffer.from(`${word}\n`);
  expect(new DecimalCursor().decimal(bytes)).toBeNaN();
});

const sink = (vertices = 9) => {
  const list = new PositionList();
  for (let at = 0; at < vertices; at += 1) list.push(at, 0, 0);
  return { vertices: list, triangles: new CornerList(), most: 100, takesFaces: true };
};

it.each([
  'v 1 2',
  'v 1 2 3\\',
  'v 1 2 3 0.5 \\',
  'v 1,5 2 3',
  'v 1 2 0x3',
  'v . 2 3',
  'v 1 2 1e999',
  'v 1 2 3\rv 1 2 3',
  'v 1-2 3',
  'f 0 1 2',
  'f -1 -2 -3',
  'f 1/a 2 3',
  'f 1/2/3/4 2 3',
  'f 9999999999 1 2',
  'f 1 2 11',
  'f 1 2',
  'fo 1 2 3',
  'f 1 2 3 # c',
  'vn 1 2 \\',
  'vn0 1 2',
  'vt\\',
  'vp 1 2 3',
  '',
])('leaves %j to the text', (text) => {
  const into = sink();
  const bytes = Buffer.from(`v 0 0 0\n${text}\nv 0 0 0\n`);
  const rows = new ObjRows();
  expect(rows.take(bytes, 0, bytes.length, into)).toBe(8);
  expect([rows.lines, into.vertices.length, into.triangles.triangles]).toEqual([1, 10, 0]);
});

it('reads faces and what stands beside them, and stops after as many as are wanted', () => {
  const into = { ...sink(), most: 3 };
  const text = 'vn 0 0 1\r\nvt 0 0\nf 1 2 3\r\nf 1/1 2/1 3/1 4/1\nf  5//7\t6//7 7//7 \nf 1 2 3\n';
  const rows = new ObjRows();
  expect(rows.take(Buffer.from(text), 0, text.length, into)).toBe(text.indexOf('f  5'));
  expect([rows.lines, rows.faces]).toEqual([4, 2]);
  expect([...into.triangles.numbers()]).toEqual([0, 1, 2, 0, 1, 2, 0, 2, 3]);
});

it(`gives an OBJ the same figures by either way, seed ${seed}`, async () => {
  for (let round = 0; round < 20; round += 1) {
    const vertices = random.some(4, 60, () => [decimal(), decimal(), decimal()]);
    const faces = random.some(1, 80, () => random.some(3, 5, () => random.whole(1, vertices.length + 1)));
    const text = (end: string) =>
      [...vertices.map((v) => `v ${v.join(' ')}${end}`), ...faces.map((f) => `f ${f.join(' ')}${end}`)]
        .join('\n')
        .concat('\n');
    // A line that goes on in the next one is read as text. The reasons of unreadable files name lines.
    const [plain, asText] = [await measure('plain.obj', text('')), await measure('text.obj', text(' \\\n'))];
    if (plain.status === 'parsed') expect(plain).toEqual(asText);
    else expect(asText.status).toBe('unparsed');
  }
});

it(`gives an ASCII STL the same figures and the same faults by either way, seed ${seed}`, async () => {
  for (let round = 0; round < 40; round += 1) {
    const facets = random.some(1, 30, () => {
      const corner = () => `  vertex ${decimal()} ${decimal()}\t${random.once(200) ? '1,5' : decimal()}`;
      const facet = ['facet normal 0 0 1', ' outer loop', corner(), corner(), corner(), ' endloop', 'endfacet'];
      // Now and then a line is missing, comes twice, or is another one.
      if (random.once(40)) facet.splice(random.below(7), 1);
      if (random.once(40)) facet.splice(random.below(7), 0, facet[random.below(7)] ?? '');
      if (random.once(20)) facet.splice(random.below(7), 0, random.pick(['', 'color 1 1 1', 'endsolid a\nsolid b']));
      return facet.join(random.pick(['\n', '\r\n', ' \n']));
    });
    const text = `solid a\n${facets.join('\n')}\nendsolid a\n`;
    // Only the text knows capitals.
    const [plain, asText] = [await measure('a.stl', text), await measure('a.stl', text.replaceAll('vertex', 'VERTEX'))];
    expect({ text, plain }).toEqual({ text, plain: asText });
  }
});

it.each([
  ['facet normal 0 0 1', 'facet normal 0 0'],
  ['facet normal 0 0 1', 'facet normal 0 0 1 2'],
  ['facet normal', 'facets normal'],
  ['outer loop', 'outer loop loop'],
  ['vertex 1 2 3', 'vertex 1 2 3 4'],
  ['vertex 1 2 3', 'vertex 1 2 3a'],
  ['vertex 1 2 3', 'vertex 1 2'],
  ['vertex 1 2 3', 'vertex1 2 3'],
  ['vertex 1 2 3', 'vertex 1 2\n3'],
  ['endloop', 'endloop endfacet'],
  ['endfacet', 'endfacet facet'],
  ['endfacet\n', 'endfacet\r'],
])('leaves a facet with %j as %j to the text', (before, now) => {
  const plain =
    'facet normal 0 0 1\nouter loop\nvertex 1 2 3\nvertex 1 2 3\nvertex 1 2 3\nendloop\nendfacet\nendsolid\n';
  const rows = new StlRows();
  expect(rows.take(Buffer.from(plain), 0, plain.length)).toBe(plain.indexOf('endsolid'));
  const text = plain.replace(before, now);
  expect(rows.take(Buffer.from(text), 0, text.length)).toBe(0);
  expect(rows.facets).toBe(0);
});
