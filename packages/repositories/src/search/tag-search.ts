// Models by their tags. The full-text index has the names of tags, and crosses their lists faster than the join table can
// be probed; that a model carries the tags is checked on the row.
import { type Model, models, tags } from '@cc/schema';
import { desc, inArray, sql } from 'drizzle-orm';
import { entryOf, refuseUnknownKeys } from '../checks.js';
import { atOneMoment } from '../context.js';
import type { Page } from '../contract/page.js';
import type { SearchRepository } from '../contract/search.js';
import { checkAfter, decodeCursor, encodeCursor } from '../cursor.js';
import { type CheckedFilter, checkFilter } from '../filter/model-filter.js';
import { checkLimit, keptAtMost, pageHash } from '../listing/listing.js';
import { modelColumns, toModel } from '../rows/model-row.js';
import { cellsOf, readByIds } from '../statement.js';
import { isSurelyIndexed } from '../text/extra-text.js';
import { tagExpression } from '../text/match-expression.js';
import type { SearchParts } from './search-models.js';

/** Returns `searchByTags`. */
export function createTagSearch({
  context,
  bindFilter,
  listing,
  candidates,
}: SearchParts): SearchRepository['searchByTags'] {
  const { db, kept } = context;
  const namesOf = db
    .select({ name: tags.name })
    .from(tags)
    .where(inArray(tags.key, sql`(select value from json_each(${sql.placeholder('keys')}))`))
    .prepare();
  const ofRows = db
    .select(modelColumns)
    .from(models)
    .where(inArray(models.seq, sql`(select value from json_each(${sql.placeholder('rows')}))`))
    .orderBy(desc(models.seq))
    .prepare();

  const read = async (filter: CheckedFilter, mode: Mode, limit: number, after: string | null): Promise<Page<Model>> => {
    const keys = filter[modes[mode]];
    const found = Array.isArray(keys) && mode !== 'none' ? await namesOf.all({ keys: JSON.stringify(keys) }) : [];
    const indexed = found.map(({ name }) => name).filter(isSurelyIndexed);
    const canCross =
      mode === 'all' ? indexed.length > 0 : mode === 'any' && indexed.length > 0 && indexed.length === found.length;
    if (!canCross) return listing.readPage({ filter }, order, { limit, after });

    // Those of the listing: which way is gone changes with the tags, and a cursor goes on in either.
    const hash = pageHash({ filter }, order.by, order.direction);
    const [before] = after === null ? [Number.MAX_SAFE_INTEGER] : decodeCursor(after, hash, ['integer']);
    const bound = await bindFilter(filter, { probing: true });
    if (bound === null) return { items: [], next: null };
    const match = indexed.map(tagExpression).join(mode === 'all' ? ' AND ' : ' OR ');
    const rows = await candidates.rows(bound, match, { from: 0, to: Number(before) - 1 }, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const items: Model[] = [];
    const read = (some: string) => cellsOf(ofRows, { rows: some });
    await readByIds(page, read, (cells) => void items.push(toModel(cells)));
    return {
      items,
      next: rows.length > limit && last !== undefined ? encodeCursor(hash, [last]) : null,
    };
  };

  return async (names, options = {}) => {
    refuseUnknownKeys('options', options, ['limit', 'after', 'mode']);
    const { mode = 'all' } = options;
    if (entryOf(modes, mode) === undefined) throw new TypeError(`mode must be 'all', 'any' or 'none'`);
    if (!Array.isArray(names)) throw new TypeError('tags must be a list of tag names');
    const filter = checkFilter({ [modes[mode]]: names });
    const limit = checkLimit(options.limit);
    const after = checkAfter(options.after);
    const find = () => atOneMoment(context, () => read(filter, mode, limit, after));
    if (limit > keptAtMost) return find();
    return kept.result('lists', () => ['tags', mode, filter, limit, after], find);
  };
}

type Mode = keyof typeof modes;

/** Those added last first. */
const order = { by: 'added', direction: 'desc' } as const;

const modes = { all: 'tagsAll', any: 'tagsAny', none: 'tagsNone' } as const;
