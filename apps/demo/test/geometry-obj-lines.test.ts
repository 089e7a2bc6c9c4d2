// Lines of an OBJ that are read from their bytes give what the same lines give as text, and numbers are those of JavaScript.
import { seededRandom } from '@cc/testkit/random';
import { expect, it } from 'vitest';
import { PlainObjLine } from '../src/geometry/obj-line.js';
import { measure } from './measuring.js';

const random = seededRandom(15);
const decimal = (): string => {
  const digits = () => String(random.below(10 ** random.whole(1, 9)));
  const sign = random.pick(['', '-', '+']);
  return random.pick([
    `${sign}${digits()}.${digits()}`,
    `${sign}${digits()}`,
    `${sign}.${digits()}`,
    `${sign}${digits()}.`,
  ]);
};

it('reads decimals to the last bit', () => {
  const line = new PlainObjLine();
  for (let round = 0; round < 20_000; round += 1) {
    const words = [decimal(), decimal(), decimal()];
    const bytes = Buffer.from(
      `v ${words.join(random.pick([' ', '\t', '   ']))}${random.pick(['', ' ', '\r', ' 1 0 0'])}`,
    );
    const kind = line.read(bytes, 0, bytes.length);
    if (kind === 'other') expect(words.some((word) => word.replace(/\D/g, '').length > 15)).toBe(true);
    else expect([line.x, line.y, line.z]).toEqual(words.map(Number));
  }
});

it.each([
  'v 1 2',
  'v 1 2 3e0',
  'v 1 2 3\\',
  'v 1,5 2 3',
  'v 1 2 0x3',
  'v . 2 3',
  'v 1 2 3\rv 1 2 3',
  'f 0 1 2',
  'f -1 -2 -3',
  'f 1/a 2 3',
  'f 1/2/3/4 2 3',
  'f 9999999999 1 2',
  'vn 1 2 3',
  'fo 1 2 3',
  'f 1 2 3 # c',
  '',
])('leaves %j to the text', (text) => {
  const bytes = Buffer.from(text);
  expect(new PlainObjLine().read(bytes, 0, bytes.length)).toBe('other');
});

it('gives a mesh the same figures by either way', async () => {
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
