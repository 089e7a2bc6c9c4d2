// Searches kept under a name. Filters are stored as JSON, their dates in ISO form, and checked again when they run.
import { savedSearches } from '@cc/schema';
import { isBlank, textLimits } from '@cc/schema/validation';
import { DatabaseError } from '@cc/tx/errors';
import { asc, eq, getTableColumns, sql } from 'drizzle-orm';
import { checkText, storable } from '../checks.js';
import { type Context, write } from '../context.js';
import type { SavedSearch, SearchRepository } from '../contract/search.js';
import { checkFilter, storedFilter } from '../filter/model-filter.js';
import { ignoredRows } from '../rows/ignored-rows.js';
import { inNameOrder } from '../text/name-key.js';
import { parseQuery } from '../text/parse-query.js';
import { checkOptions } from './page-request.js';

type SavedSearches = Pick<SearchRepository, 'saveSearch' | 'getSavedSearches' | 'deleteSavedSearch' | 'runSavedSearch'>;

/** Returns the methods on saved searches. */
export function createSavedSearches(context: Context, searchModels: SearchRepository['searchModels']): SavedSearches {
  const { db } = context;
  const byName = eq(savedSearches.name, sql.placeholder('name'));
  const insert = db
    .insert(savedSearches)
    .values({
      id: sql.placeholder('id'),
      name: sql.placeholder('name'),
      query: sql.placeholder('query'),
      filters: sql.placeholder('filters'),
      createdAt: sql.placeholder('createdAt'),
    })
    .onConflictDoUpdate({
      target: savedSearches.name,
      set: { query: sql`excluded.query`, filters: sql`excluded.filters` },
    })
    .returning(selected)
    .prepare();
  const all = db.select(selected).from(savedSearches).orderBy(asc(savedSearches.name)).prepare();
  const one = db.select(selected).from(savedSearches).where(byName).prepare();
  const remove = db.delete(savedSearches).where(byName).prepare();
  const noteUse = db
    .update(savedSearches)
    .set({
      lastUsedAt: sql`max(${savedSearches.createdAt}, coalesce(${savedSearches.lastUsedAt}, 0), ${sql.placeholder('at')})`,
    })
    .where(byName)
    .prepare();

  return {
    async saveSearch(name, query, filters = {}) {
      parseQuery(query);
      checkFilter(filters);
      // Searched for alike: what cannot be kept is no part of a word. The filters are kept as they are now, also those in a Proxy.
      const asJson: unknown = JSON.parse(JSON.stringify({ ...filters }));
      const values = { name: newName(name), query: storable(query), filters: asJson };
      return write(context, async () => {
        const row = (await insert.all({ id: context.newId(), ...values, createdAt: context.now() })).at(0);
        if (row === undefined) throw ignoredRows('search.saveSearch', 'saved_searches');
        context.kept.written({ savedSearches: true });
        return toSavedSearch(row);
      });
    },
    getSavedSearches: () =>
      context.kept.result(
        'saved-searches',
        () => 'all',
        async () => (await inNameOrder(await all.all())).map((row) => toSavedSearch(row)),
      ),
    async deleteSavedSearch(name) {
      return write(context, async () => {
        const { rowsAffected } = await remove.run({ name: checkName(name) });
        if (rowsAffected > 0) context.kept.written({ savedSearches: true });
        return rowsAffected > 0;
      });
    },
    async runSavedSearch(name, options = {}) {
      const request = checkOptions(options);
      const row = await one.get({ name: checkName(name) });
      if (row === undefined) throw notFound();
      const { name: saved, query, filters } = toSavedSearch(row);
      const page = await searchModels(query, filters, request);
      await write(context, async () => {
        await noteUse.run({ name: saved, at: context.now().getTime() });
        context.kept.written({ savedSearches: true });
      });
      return page;
    },
  };
}

/** The columns as they are, but the filters as their text: another writer may have put there what is no JSON. */
const selected = { ...getTableColumns(savedSearches), filters: sql<string>`${savedSearches.filters}`.as('filters') };

type Row = Omit<typeof savedSearches.$inferSelect, 'filters'> & { readonly filters: string };

function toSavedSearch({ filters, ...search }: Row): SavedSearch {
  return { ...search, filters: storedFilter(objectOf(filters)) };
}

function objectOf(json: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw unreadable(cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw unreadable();
}

function newName(name: string): string {
  const checked = checkName(name);
  if (!isBlank(checked)) return checked;
  throw new TypeError('name must have a sign that can be seen: this one has invisible characters only');
}

function checkName(name: string): string {
  // Composed, so that a name is one name however its accents were typed.
  const composed = checkText('name', name).normalize('NFC');
  if (composed.trim() !== '' && composed.length <= textLimits.name) return composed;
  throw new TypeError(`name must be a text of 1 to ${textLimits.name} characters`);
}

function unreadable(cause?: unknown): DatabaseError {
  return new DatabaseError('The filters of a saved search are no JSON object', {
    type: 'integrity',
    code: 'SAVED_SEARCH_UNREADABLE',
    operation: 'search.getSavedSearches',
    hint: 'Another program wrote them: save the search anew under its name, or delete it',
    ...(cause !== undefined && { cause }),
  });
}

function notFound(): DatabaseError {
  return new DatabaseError('There is no saved search with this name', {
    type: 'constraint',
    code: 'SAVED_SEARCH_NOT_FOUND',
    operation: 'search.runSavedSearch',
    hint: 'getSavedSearches lists them',
  });
}
