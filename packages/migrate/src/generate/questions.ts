// Was it renamed, or dropped and another one made? Two snapshots do not say. Answers come from flags or from a person;
// what nobody answers is refused with the flags to add, never guessed.

import type { Rename, Renames } from '../change/renames.js';
import type { AskRename, RenameQuestion } from '../contract/generate.js';
import { migrationError, typed } from '../errors.js';
import type { Snapshot } from '../folder/snapshot.js';

/** Answers given beforehand. */
export interface Answers {
  /** `table=new`, `view=new` or `table.column=new`. */
  readonly renames: readonly string[];
  /** `table`, `view` or `table.column` that is dropped and not renamed. */
  readonly drops: readonly string[];
}

/** What was renamed, views included. */
export interface Resolved {
  readonly renames: Renames;
  readonly views: readonly Rename[];
  /** Whether something was dropped beside something new: drizzle-kit would ask. */
  readonly isAmbiguous: boolean;
}

/**
 * Finds out what was renamed between `before` and `after`.
 *
 * @throws TypeError for an answer that fits nothing; DatabaseError `MIGRATION_QUESTION` for a question without an answer
 */
export async function resolveRenames(
  before: Snapshot,
  after: Snapshot,
  answers: Answers,
  ask: AskRename | null,
): Promise<Resolved> {
  const open = new OpenAnswers(answers);
  const tables = await open.resolve('table', '', Object.keys(before.tables), Object.keys(after.tables), ask);
  const views = await open.resolve('view', '', viewsOf(before), viewsOf(after), ask);
  const columns: (Rename & { table: string })[] = [];
  for (const [name, table] of Object.entries(after.tables)) {
    const oldName = tables.find(({ to }) => to === name)?.from ?? name;
    const old = before.tables[oldName];
    // A table that took the name of a renamed one is new.
    const isNew = oldName === name && tables.some(({ from }) => from === name);
    if (!old || isNew) continue;
    const renamed = await open.resolve(
      'column',
      oldName,
      Object.keys(old.columns),
      Object.keys(table.columns),
      ask,
      name,
    );
    columns.push(...renamed.map((rename) => ({ ...rename, table: name })));
  }
  open.refuseUnused(before);
  return { renames: { tables, columns }, views, isAmbiguous: open.isAmbiguous };
}

function viewsOf({ views }: Snapshot): readonly string[] {
  return Object.values(views)
    .filter(({ isExisting }) => !isExisting)
    .map(({ name }) => name);
}

class OpenAnswers {
  isAmbiguous = false;
  readonly #renames: Map<string, string>;
  readonly #drops: Set<string>;
  readonly #questions: RenameQuestion[] = [];

  constructor({ renames, drops }: Answers) {
    this.#renames = new Map(renames.map(parseRename));
    this.#drops = new Set(drops);
  }

  async resolve(
    kind: RenameQuestion['kind'],
    table: string,
    before: readonly string[],
    after: readonly string[],
    ask: AskRename | null,
    newTable = table,
  ): Promise<readonly Rename[]> {
    const path = (name: string): string => (kind === 'column' ? `${table}.${name}` : name);
    const spelled = (name: string): readonly string[] => [
      path(name),
      ...(newTable === table ? [] : [`${newTable}.${name}`]),
    ];
    const renamed: Rename[] = [];
    for (const from of before) {
      const key = spelled(from).find((each) => this.#renames.has(each));
      const to = key === undefined ? undefined : this.#renames.get(key);
      if (key === undefined || to === undefined) continue;
      if (to === from) throw new TypeError(`--rename ${key}=${to}: it is called so already. Leave it out`);
      if (!after.includes(to)) throw new TypeError(`--rename ${key}=${to}: the schema code has no ${kind} ${path(to)}`);
      this.#renames.delete(key);
      renamed.push({ from, to });
    }
    refuseTaken(renamed, before, path);
    const gone = before.filter((name) => !after.includes(name) && !renamed.some(({ from }) => from === name));
    let fresh = after.filter((name) => !before.includes(name) && !renamed.some(({ to }) => to === name));
    for (const name of gone) {
      const drop = spelled(name).find((each) => this.#drops.delete(each));
      if (fresh.length === 0) continue;
      this.isAmbiguous = true;
      if (drop !== undefined) continue;
      const question: RenameQuestion = { kind, gone: path(name), candidates: fresh };
      if (!ask) {
        this.#questions.push(question);
        continue;
      }
      const to = await ask(question);
      if (to === null) continue;
      renamed.push({ from: name, to });
      fresh = fresh.filter((each) => each !== to);
    }
    return renamed;
  }

  /** Questions and answers that are left over stop everything. */
  refuseUnused({ tables }: Snapshot): void {
    const [left] = [...this.#renames.keys()].map((each) => `--rename ${each}=${this.#renames.get(each) ?? ''}`);
    const [drop] = [...this.#drops].map((each) => `--drop ${each}`);
    const unused = left ?? drop;
    if (unused === undefined) {
      const [question, ...more] = this.#questions;
      if (question) throw unanswered(question, more);
      return;
    }
    throw new TypeError(`${unused} fits nothing that is gone from the schema code. ${knownOf(unused, tables)}`);
  }
}

/** What may have been meant: columns where the table is right, else tables. */
function knownOf(flag: string, tables: Snapshot['tables']): string {
  const [, table = ''] = /^--(?:rename|drop) ([^.=]+)\./.exec(flag) ?? [];
  const columns = tables[table]?.columns;
  if (columns) return `Columns of ${table}: ${Object.keys(columns).join(', ')}`;
  return `Known tables: ${Object.keys(tables).join(', ') || 'none'}`;
}

function parseRename(text: string): [string, string] {
  const match = /^([^=]+)=([^=.]+)$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined) return [match[1], match[2]];
  throw new TypeError(`--rename takes table=new or table.column=new, and not '${text}'`);
}

/** A new name must be free, or become free by another rename (names that trade places). */
function refuseTaken(renamed: readonly Rename[], before: readonly string[], path: (name: string) => string): void {
  for (const { from, to } of renamed) {
    const isFree = !before.includes(to) || renamed.some((other) => other.from === to);
    if (!isFree)
      throw new TypeError(
        `--rename ${path(from)}=${to}: ${path(to)} is there already. Drop it in a migration of its own first; if the two trade places, add --rename ${path(to)}=${from}`,
      );
    if (renamed.some((other) => other.to === to && other.from !== from))
      throw new TypeError(`--rename ${path(from)}=${to}: two names become ${path(to)}`);
  }
}

function unanswered({ kind, gone, candidates }: RenameQuestion, more: readonly RenameQuestion[]): Error {
  const flags = candidates.map((name) => `--rename ${typed(`${gone}=${name}`)}`).join(' or ');
  const others = more.length === 0 ? '' : `. Also unanswered: ${more.map((question) => question.gone).join(', ')}`;
  return migrationError(
    'question',
    `The ${kind} ${gone} is gone from the schema code, and ${candidates.join(', ')} ${candidates.length === 1 ? 'is' : 'are'} new`,
    {
      operation: 'generate',
      hint: `Add ${flags} if it was renamed, or --drop ${typed(gone)} if it was not, as in: cc-migrate generate --rename ${typed(`${gone}=${candidates[0] ?? ''}`)}${others}`,
    },
  );
}
