// Models for trying a large library: invented, varied as those of people are, and the same for the same seed. The model of a
// number does not depend on how many are made, so that a run that ended goes on with more. commands/sample.ts writes them.
import type { NewModel } from '@cc/repositories';
import type { ModelFormat, ModelId, ModelStatus } from '@cc/schema';

/** The folder that the paths of all of them begin with. There is no such folder. */
export const sampleRoot = '/candy-sample/';

/** An invented model, and the collection that it lies in. */
export interface SampleModel extends NewModel {
  readonly model: NewModel['model'] & { readonly id: ModelId };
  readonly collection: string | null;
}

/** Returns the model of a number, from 0. */
export function sampleModel(seed: number, number: number): SampleModel {
  const random = sequence(seed, number);
  const [category, things, tagsOfIt] = pick(random, categories);
  const thing = pick(random, things);
  const words = [...(chance(random, 0.7) ? [pick(random, adjectives)] : []), thing];
  if (chance(random, 0.6)) words.push(pick(random, sizes)(random));
  const name = `${capital(words.join(' '))}${chance(random, 0.35) ? ` v${whole(random, 1, 12)}` : ''}`;
  const format = weighed(random, formats);
  const createdAt = new Date(whole(random, firstDay, lastDay));
  const isUnparsed = chance(random, 0.01);
  const triangles = isUnparsed ? null : Math.round(12 * 10 ** (random() * 5.3));
  const [x, y, z] = [side(random), side(random), side(random)];
  const fileName = `${chance(random, 0.3) ? name.replaceAll(' ', '_') : name} ${number}.${format}`;
  // Some files lie about twice: the same content as the one a thousand before.
  const content = number >= 1000 && chance(random, 0.02) ? number - 1000 : number;
  return {
    model: {
      id: idOf(random, createdAt, number),
      name,
      description: chance(random, 0.4)
        ? `${capital(thing)} for ${pick(random, purposes)}. ${pick(random, remarks)}`
        : null,
      format,
      fileName,
      filePath: `${sampleRoot}${category}/${capital(thing)} ${whole(random, 1, 400)}/${fileName}`,
      fileHash: hex(sequence(seed ^ 0x5eed, content), 64),
      fileSize: Math.round(
        84 + (triangles ?? whole(random, 10, 90_000)) * (bytesPerTriangle.get(format) ?? bytesInTexts),
      ),
      fileModifiedAt: createdAt,
      author: chance(random, 0.7) ? pick(random, authors) : null,
      license: chance(random, 0.5) ? pick(random, licenses) : null,
      sourceUrl: chance(random, 0.3) ? `https://models.example/${number}` : null,
      parseStatus: isUnparsed ? 'unparsed' : 'parsed',
      parseError: isUnparsed ? 'the file ends in the middle' : null,
      triangles,
      vertices: triangles === null ? null : Math.ceil(triangles / 2) + 2,
      ...(triangles === null ? {} : { minX: 0, minY: 0, minZ: 0, maxX: x, maxY: y, maxZ: z }),
      volume: triangles === null ? null : Math.round(x * y * z * (0.1 + random() * 0.6)),
      unit: format === '3mf' ? 'millimeter' : null,
      rating: chance(random, 0.4) ? whole(random, 1, 5) : null,
      favorite: chance(random, 0.05),
      printedAt: chance(random, 0.15) ? new Date(createdAt.getTime() + whole(random, 1, 300) * 86_400_000) : null,
      status: weighed(random, statuses),
      createdAt,
    },
    tags: [...new Set([...(chance(random, 0.8) ? [pick(random, tagsOfIt)] : []), ...some(random, 3, tags)])],
    metadata: {
      ...(chance(random, 0.6) && { material: pick(random, materials) }),
      ...(chance(random, 0.5) && { layer: pick(random, [0.08, 0.12, 0.16, 0.2, 0.28]) }),
      ...(chance(random, 0.3) && { minutes: whole(random, 5, 2400) }),
      ...(chance(random, 0.3) && { supports: chance(random, 0.4) }),
    },
    collection: chance(random, 0.25) ? pick(random, collections) : null,
  };
}

type Sequence = () => number;

type Filled<T> = readonly [T, ...T[]];

/** Numbers from 0 to 1 that the seed and the number decide (mulberry32). */
function sequence(seed: number, number: number): Sequence {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function whole(random: Sequence, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

function chance(random: Sequence, share: number): boolean {
  return random() < share;
}

function pick<T>(random: Sequence, [first, ...others]: Filled<T>): T {
  return others[Math.floor(random() * (others.length + 1)) - 1] ?? first;
}

function some(random: Sequence, most: number, from: Filled<string>): readonly string[] {
  return Array.from({ length: whole(random, 0, most) }, () => pick(random, from));
}

function weighed<T>(random: Sequence, [first, ...others]: Filled<readonly [number, T]>): T {
  let left = random();
  for (const [share, item] of others) {
    if (left < share) return item;
    left -= share;
  }
  return first[1];
}

function side(random: Sequence): number {
  return Math.round(2 * 10 ** (random() * 2.2) * 100) / 100;
}

function hex(random: Sequence, length: number): string {
  let text = '';
  while (text.length < length)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, length);
}

/** A UUIDv7 of its time. It ends with the number: no two are alike. */
function idOf(random: Sequence, time: Date, number: number): ModelId {
  const at = time.getTime().toString(16).padStart(12, '0');
  const middle = hex(random, 10);
  return `${at.slice(0, 8)}-${at.slice(8)}-7${middle.slice(0, 3)}-8${middle.slice(3, 6)}-${middle.slice(6)}${number.toString(16).padStart(8, '0')}` as ModelId;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const firstDay = Date.UTC(2019, 0, 1);
const lastDay = Date.UTC(2025, 11, 31);

const categories: Filled<readonly [string, Filled<string>, Filled<string>]> = [
  [
    'Mechanical',
    ['gear', 'rack', 'bearing', 'bracket', 'hex bolt', 'hex nut', 'washer', 'spacer', 'coupling', 'pulley', 'hinge'],
    ['mechanical', 'fastener', 'robot'],
  ],
  [
    'Household',
    ['hook', 'box', 'lid', 'phone stand', 'cable clip', 'drawer', 'shelf', 'Schlüsselhalter', 'soap dish', 'door stop'],
    ['household', 'kitchen', 'bathroom'],
  ],
  ['Garden', ['plant pot', 'vase', 'trellis clip', 'hose adapter', 'bird feeder', '花盆'], ['garden', 'outdoor']],
  [
    'Figures',
    ['dragon', 'knight', 'cat', 'owl', 'benchy', 'bunny', 'Löwe', 'robot', 'dice tower', 'castle'],
    ['miniature', 'toy', 'articulated'],
  ],
  [
    'Electronics',
    ['case', 'sensor mount', 'battery holder', 'keycap', 'fan duct', 'camera arm', 'enclosure'],
    ['electronics', 'enclosure'],
  ],
  [
    'Tools',
    ['clamp', 'jig', 'ruler', 'tool holder', 'caliper', 'drill guide', 'screwdriver rack'],
    ['workshop', 'jig'],
  ],
];

const adjectives: Filled<string> = [
  'small',
  'large',
  'parametric',
  'low-poly',
  'folding',
  'modular',
  'magnetic',
  'twisted',
  'hollow',
  'flexible',
  'heavy-duty',
  'spare',
  'quick',
  'left',
  'right',
  'remixed',
  'klein',
];

const sizes: Filled<(random: Sequence) => string> = [
  (random) => `M${pick(random, [2, 3, 4, 5, 6, 8, 10])}x${whole(random, 1, 12) * 5}`,
  (random) => `${whole(random, 2, 40) * 5}mm`,
  (random) => `${whole(random, 8, 60)} teeth`,
  (random) => `Part ${whole(random, 1, 24)}`,
  (random) => `${whole(random, 2, 20) * 10}x${whole(random, 2, 20) * 10}`,
];

const purposes: Filled<string> = [
  'the workshop',
  'a lamp',
  'the garden gate',
  'a 3D printer',
  'the bicycle',
  'a desk',
  'the kitchen',
  'a robot arm',
];
const remarks: Filled<string> = [
  'Prints without supports.',
  'Use four walls.',
  'Rotate it by 45 degrees first.',
  'Fits loosely in PLA.',
  'Glue both halves.',
  'Tested in PETG.',
];
const authors: Filled<string> = [
  'Ada',
  'Grace',
  'José Núñez',
  'Zoë',
  'M. Müller',
  'Li Wei',
  'workshop42',
  'Olu',
  'makerspace',
  'Kim',
];
const licenses: Filled<string> = ['CC0-1.0', 'CC-BY-4.0', 'CC-BY-SA-4.0', 'CC-BY-NC-4.0', 'GPL-3.0'];
const materials: Filled<string> = ['PLA', 'PETG', 'ABS', 'TPU', 'resin'];
const tags: Filled<string> = [
  'spare',
  'gift',
  'to print',
  'tested',
  'failed',
  'remix',
  'fast',
  'vase mode',
  'Größe L',
  'multi-part',
  'no supports',
  'large',
  'christmas',
  'repair',
  'prototype',
];
const collections: Filled<string> = [
  'Robot arm',
  'Christmas',
  'Workshop wall',
  'For sale',
  'Kitchen',
  'Printer upgrades',
  'Dungeon',
  'Desk',
  'Bicycle',
  'Gifts',
  'Balcony',
  'Class of 2024',
];

/** Shares of the others than the first. */
const formats: Filled<readonly [number, ModelFormat]> = [
  [0.62, 'stl'],
  [0.18, '3mf'],
  [0.08, 'obj'],
  [0.05, 'step'],
  [0.03, 'ply'],
  [0.03, 'glb'],
  [0.01, 'scad'],
];
const statuses: Filled<readonly [number, ModelStatus]> = [
  [0.96, 'active'],
  [0.03, 'archived'],
  [0.01, 'missing'],
];

const bytesPerTriangle: ReadonlyMap<ModelFormat, number> = new Map([
  ['stl', 50],
  ['3mf', 14],
  ['ply', 20],
  ['glb', 19],
]);
const bytesInTexts = 38;
