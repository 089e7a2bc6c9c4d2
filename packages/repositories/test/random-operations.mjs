// Random writes through every method that writes, and past the repositories with plain SQL: what upkeep.test.ts does in
// one process and processes/crash-writer.mjs in one that is killed. Plain JavaScript, so that a process can run it as it is.

/** Everything that changes models, metadata, tags and collections. */
export const kinds = [
  ...['create', 'twin', 'many', 'upsert', 'update', 'rehash', 'reformat', 'delete', 'metadata', 'unset'],
  ...['tag', 'untag', 'renameTag', 'mergeTags', 'deleteTag', 'collect', 'uncollect'],
  ...['rawInsert', 'rawUpsert', 'rawIgnore', 'rawUpdate', 'rawRename', 'rawDelete', 'rawTag', 'rawKey', 'rawCascade'],
];

/** What belongs to search alone, and brings the words of suggestions up to date. */
export const searchKinds = ['search', 'suggest', 'saveSearch', 'runSearch', 'refreshWords', 'reindex'];

/** `OR REPLACE`, which runs the delete triggers only where recursive_triggers is on. */
export const replaceKinds = ['replace', 'replacePath', 'replaceKey', 'replaceTag', 'replaceCarried'];

/** Names of models and tags: plain, and glued of parts that triggers cannot see. */
export const words = ['hexBolt', 'gear', 'M3x12', 'ß'];

/** How often `many` commits when it is not inside a transaction. */
export const batchesOfMany = 2;

/**
 * Does what `step` says. All that it uses is in the step and the database, so that the same steps make the same library.
 * With `batch`, `many` adds the models of that batch only.
 */
export async function apply(library, step, batch) {
  const sql = (text, ...args) => library.transactions.db.$client.execute({ sql: text, args });
  const { rows } = await sql(
    'select id from models order by seq limit 1 offset ? % max(1, (select count(*) from models))',
    step.at,
  );
  const id = rows[0]?.id;
  if (id === undefined) await operations.create(library, step);
  else await operations[step.kind]({ ...library, sql }, { ...step, id, batch });
}

/** A file that no other step adds. */
function file({ n, word }, i, fields = {}) {
  return {
    name: word,
    format: 'stl',
    fileName: `file${n}.stl`,
    filePath: `/library/${n}/${i}.stl`,
    fileHash: `${n}.${i}`,
    fileSize: 1_000,
    ...fields,
  };
}

const tagOf = ({ word, at }) => `${word} ${at % 4}`;
const keyOf = ({ at }) => `key${at % 5}`;
const hashOf = ({ at }) => `hash ${at % 7}`;
const licenseOf = ({ at }) => `l${at % 3}`;
const allow = { onDuplicateHash: 'allow' };

const rawColumns = `(id, name, format, file_name, file_path, file_hash, file_size, license, created_at, updated_at)
  values (?, ?, ?, 'raw.stl', ?, ?, 1, ?, ?, 1)`;
const rawRow = (step) => [
  `00000000-0000-7000-8000-${String(step.at).padStart(12, '0')}`,
  'plain words',
  step.at % 2 === 0 ? 'stl' : 'ply',
  `/raw/${step.at}`,
  hashOf(step),
  licenseOf(step),
  step.at * 1e10,
];

const operations = {
  create: ({ models }, step) =>
    models.create(file(step, 0, { license: step.word, createdAt: new Date(step.at * 1e10) })),
  twin: ({ models }, step) => models.create(file(step, 0, { fileHash: hashOf(step) }), allow),
  many: ({ models }, step) => {
    const tags = [tagOf(step), 'many'];
    const items = [
      { model: file(step, 0, { fileHash: hashOf(step) }), tags, metadata: { [keyOf(step)]: step.at } },
      { model: file(step, 1), tags: ['many'], metadata: { [keyOf(step)]: null, other: [step.at] } },
      { model: file(step, 2, { name: 'third' }), tags, metadata: { third: true } },
    ];
    const batchSize = Math.ceil(items.length / batchesOfMany);
    const from = (step.batch ?? 0) * batchSize;
    return models.createMany(step.batch === undefined ? items : items.slice(from, from + batchSize), {
      ...allow,
      batchSize,
    });
  },
  upsert: ({ models }, step) =>
    models.upsertByPath(file(step, 0, { filePath: `/fixed/${step.at % 20}`, license: licenseOf(step) })),
  update: ({ models }, { id, word, at }) =>
    models.update(id, { name: `${word} ${at}`, description: at % 2 === 0 ? word : null }),
  rehash: ({ models }, step) => models.update(step.id, { fileHash: hashOf(step) }),
  reformat: ({ models }, step) =>
    models.update(step.id, {
      format: step.at % 2 === 0 ? 'obj' : '3mf',
      license: step.at % 3 === 0 ? null : licenseOf(step),
    }),
  delete: ({ models }, { id }) => models.delete(id),
  metadata: ({ metadata }, step) =>
    metadata.updateMetadata(step.id, { [keyOf(step)]: step.at, [step.word]: true, list: [step.at] }),
  unset: ({ metadata }, step) =>
    step.at % 2 === 0 ? metadata.deleteMetadata(step.id, keyOf(step)) : metadata.deleteMetadata(step.id),

  tag: ({ tags }, step) => tags.tag(step.id, tagOf(step)),
  untag: ({ tags }, step) => tags.untag(step.id, tagOf(step)),
  renameTag: async ({ tags }, step) => {
    try {
      await tags.renameTag(tagOf(step), `renamed ${step.at}`);
    } catch (error) {
      if (error.code !== 'DUPLICATE_TAG') throw error;
    }
  },
  mergeTags: ({ tags }, step) => tags.mergeTags([tagOf(step), 'many'], tagOf({ ...step, at: step.at + 1 })),
  deleteTag: ({ tags }, step) => tags.deleteTag(tagOf(step)),
  collect: ({ collections, transactions }, { id }) =>
    transactions.transaction(async () => {
      const [first] = await collections.list();
      await collections.addModels(first?.id ?? (await collections.create({ name: 'all' })), [id]);
    }),
  uncollect: async ({ collections }) => {
    const [first] = await collections.list();
    if (first !== undefined) await collections.delete(first.id);
  },

  rawInsert: ({ sql }, step) => sql(`insert or ignore into models ${rawColumns}`, ...rawRow(step)),
  rawIgnore: ({ sql }, step) => sql(`insert into models ${rawColumns} on conflict do nothing`, ...rawRow(step)),
  rawUpsert: ({ sql }, step) =>
    sql(
      `insert into models ${rawColumns} on conflict (file_path) do update set name = excluded.name, license = null,
        file_hash = excluded.file_hash on conflict (id) do nothing`,
      ...rawRow(step),
    ),
  rawUpdate: ({ sql }, { id }) =>
    sql(`update models set format = 'off', created_at = created_at + 4e10, file_hash = 'hash 1' where id = ?`, id),
  // The parts of glued names are the repositories' alone: this leaves search_extra behind the name.
  rawRename: ({ sql }, { id, word, at }) => sql('update models set name = ? where id = ?', `${word} raw ${at}`, id),
  rawDelete: ({ sql }, { at }) => sql('delete from models where seq % 11 = ?', at % 11),
  rawTag: ({ sql }, { id }) =>
    sql(
      `insert into model_tags (tag_id, model_seq) select tags.id, seq from tags, models
        where models.id = ? on conflict do nothing`,
      id,
    ),
  rawKey: ({ sql }, step) =>
    sql(`update or ignore model_metadata set metadata_key = 'key1' where metadata_key = ?`, keyOf(step)),
  rawCascade: ({ sql }, { at }) => sql('delete from tags where id % 5 = ?', at % 5),

  replace: ({ sql }, step) => sql(`insert or replace into models ${rawColumns}`, ...rawRow(step)),
  replacePath: ({ sql }, { id, at }) =>
    sql('update or replace models set file_path = ? where id = ?', `/fixed/${at % 20}`, id),
  replaceKey: ({ sql }, step) =>
    sql(
      `insert or replace into model_metadata (model_seq, metadata_key, value_type, value_number)
        select seq, ?, 'number', ? from models where id = ?`,
      keyOf(step),
      step.at,
      step.id,
    ),
  // The tag loses its models by the cascade, and is there again without any.
  replaceTag: ({ sql }) =>
    sql('insert or replace into tags (key, name) select key, name from tags order by id limit 1'),
  replaceCarried: ({ sql }, { id }) =>
    sql(
      `insert or replace into model_tags (tag_id, model_seq)
        select tags.id, seq from tags, models where models.id = ? order by tags.id limit 3`,
      id,
    ),

  search: ({ search }, { word }) => search.searchModels(word, {}, { facets: true }),
  suggest: ({ search }, { word }) => search.getSearchSuggestions(word.slice(0, 2)),
  saveSearch: ({ search }, { word, at }) => search.saveSearch(`search ${at % 3}`, word, { formats: ['stl'] }),
  runSearch: async ({ search }) => {
    const [first] = await search.getSavedSearches();
    if (first !== undefined) await search.runSavedSearch(first.name);
  },
  refreshWords: ({ search }) => search.refreshWords(),
  reindex: ({ search }) => search.reindex(),
};
