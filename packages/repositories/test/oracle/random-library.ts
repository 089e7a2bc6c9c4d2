// A library of random models, of any size, that is changed after it was filled. The same seed makes the same one.
import { lengthUnits, type ModelFormat, type ModelId, millimetersIn, modelFormats } from '@cc/schema';
import type { ModelInput } from '@cc/schema/validation';
import { type Random, seededRandom } from '@cc/testkit/random';
import type { MetadataRecord, NewModel } from '../../src/index.js';
import type { Library } from '../open-library.js';
import { authors, licenses, materials, numbers, sizes, tagNames, times, vocabulary } from './values.js';

/** Fills an empty library with `size` models and changes some of them, by the repositories and by plain SQL. */
export async function fillLibrary(library: Library, size: number, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const items = Array.from({ length: size }, (_, i) => newModel(random, i));
  const ids: ModelId[] = [];
  await library.models.createMany(items, {
    batchSize: 2_000,
    onDuplicateHash: 'allow',
    onProgress: ({ results }) => {
      for (const result of results) if (result.outcome === 'created') ids.push(result.id);
    },
  });
  if (random.once(2)) await library.search.refreshWords();
  await fillCollections(library, ids, random);
  const changes = Math.min(60, size);
  for (let i = 0; i < changes; i += 1) await change(library, ids[random.below(ids.length)], random, size + i);
}

function newModel(random: Random, i: number): NewModel {
  return { model: modelInput(random, i), metadata: metadataOf(random), tags: tagsOf(random) };
}

function modelInput(random: Random, i: number): ModelInput {
  const format: ModelFormat = skewed(random, ['stl', 'obj', '3mf', 'step', ...modelFormats]);
  const isUnparsed = random.once(30);
  return {
    name: random.once(20) ? `Gear ${i}` : words(random, 1 + random.below(4)),
    description: random.once(2) ? null : words(random, random.below(8)),
    format,
    fileName: random.once(3) ? 'part.stl' : `${words(random, 1 + random.below(2), '_')}.${format}`,
    filePath: `${folderOf(i)}/${i}.${format}`,
    fileHash: random.once(8) ? `shared ${random.below(40)}` : `own ${i}`,
    fileSize: random.pick(sizes) + random.below(3) - 1,
    author: random.once(2) ? null : skewed(random, authors),
    license: random.once(3) ? null : skewed(random, licenses),
    parseStatus: isUnparsed ? 'unparsed' : random.once(10) ? 'pending' : 'parsed',
    parseError: isUnparsed ? 'broken' : null,
    triangles: random.once(5) ? null : Math.max(0, random.pick(numbers)),
    rating: random.once(3) ? null : random.below(6),
    favorite: random.once(random.pick([3, 100])),
    // Without the dice: those that are thrown say what the questions that were answered wrongly once were asked about.
    printedAt: i % 7 === 0 ? new Date(times[i % times.length] ?? 0) : null,
    ...boxOf(i),
    status: random.once(25) ? 'missing' : random.once(40) ? 'archived' : 'active',
    createdAt: new Date(random.pick(times) + random.below(3) - 1),
  };
}

/** None, one, or one below another. Without the dice, as what is printed. */
function folderOf(i: number): string {
  const [outer = '', inner = ''] = [vocabulary[i % vocabulary.length], vocabulary[(i * 7) % vocabulary.length]];
  return ['/library', `/library/${outer} Set/${inner}`, `/library/${outer}`][i % 3] ?? '/library';
}

/** Without dice too. The same lengths in every unit, in every position, and a few models without any. */
function boxOf(i: number): Partial<ModelInput> {
  if (i % 9 === 0) return {};
  const lengths = [1, 20, 20 + 1e-4, 50.8, 220, 250, 250.002, 2_500];
  const [x, y, z] = [0, 3, 5].map((step) => lengths[(i + step * (i % 4)) % lengths.length] ?? 0);
  const unit = [null, ...lengthUnits][i % 7] ?? null;
  const per = unit === null ? 1 : millimetersIn[unit];
  const [maxX = 0, maxY = 0, maxZ = 0] = [x, y, z].map((side = 0) => side / per);
  const volume = i % 5 === 0 ? null : maxX * maxY * maxZ;
  return { unit, minX: 0, minY: 0, minZ: 0, maxX, maxY, maxZ, volume };
}

function words(random: Random, count: number, between = ' '): string {
  return Array.from({ length: count }, () => skewed(random, vocabulary)).join(between);
}

function tagsOf(random: Random): readonly string[] {
  const most = random.once(9) ? [] : ['common'];
  return [...most, ...Array.from({ length: random.below(4) }, () => skewed(random, tagNames))];
}

function metadataOf(random: Random): MetadataRecord {
  return {
    ...(random.once(9) ? {} : { size: random.once(8) ? String(random.below(900)) : random.below(900) / 4 }),
    ...(random.once(2) && { material: skewed(random, materials) }),
    ...(random.once(12) && { printed: random.once(2) }),
    ...(random.once(40) && { note: random.pick([null, '', 0, 1, false, true, 'x', [1], { a: 1 }]) }),
    ...(random.once(90) && { list: [random.below(9)] }),
  };
}

async function fillCollections({ collections }: Library, ids: readonly ModelId[], random: Random): Promise<void> {
  const made: (string | null)[] = [null];
  for (let i = 0; i < 7; i += 1) {
    const parentId = made[random.below(made.length)] ?? null;
    const id = await collections.create({ name: `${random.pick(vocabulary)} ${i}`, parentId });
    made.push(id);
    const count = Math.min(ids.length, random.pick([0, 1, 70, 130]));
    const start = random.below(ids.length - count + 1);
    await collections.addModels(id, [...ids.slice(start, start + count)].reverse());
    await collections.removeModels(id, ids.slice(start, start + random.below(3)));
  }
}

async function change(library: Library, id: ModelId | undefined, random: Random, i: number): Promise<void> {
  if (id === undefined) return;
  const { models, tags, metadata } = library;
  // The path too: its number is new, so no other model has it, and the file is moved.
  const { fileHash: _, id: __, createdAt: ___, ...patch } = modelInput(random, i);
  const plain = async (sql: string, value: string | number): Promise<void> => {
    using lease = await library.transactions.getConnection();
    await lease.client.execute({ sql, args: [value, id] });
  };
  const changes: readonly [() => Promise<unknown>, ...(() => Promise<unknown>)[]] = [
    () => models.update(id, patch),
    () => models.delete(id),
    () => models.create(modelInput(random, i), { onDuplicateHash: 'allow' }),
    async () => (await models.exists(id)) && tags.tag(id, random.pick(tagNames)),
    () => tags.untag(id, 'common'),
    async () => (await models.exists(id)) && metadata.updateMetadata(id, metadataOf(random)),
    () => metadata.deleteMetadata(id, 'size'),
    () => tags.renameTag(random.pick(tagNames), `renamed ${i}`),
    () => tags.mergeTags([random.pick(tagNames)], random.pick(tagNames)),
    () => plain('update models set rating = ? where id = ?', random.below(6)),
    // Texts with glued words are not among these: their parts are written by the repositories (docs/search.md).
    () => plain('update models set author = ? where id = ?', random.pick(authors)),
    () => plain('update models set created_at = ? where id = ?', random.pick(times)),
  ];
  await random.pick(changes)();
}

/** One of `values`; the first ones more often than the last ones. */
function skewed<T>(random: Random, values: readonly [T, ...T[]]): T {
  return values[Math.floor(random.next() ** 3 * values.length)] ?? values[0];
}
