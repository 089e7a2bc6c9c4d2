// Cuts a statement into words and follows them far enough to know which columns it compares, orders and groups by. No parser:
// what it takes for a column too many or too few only makes a candidate index too many or too few, and each is proven.
import { foldName } from '../statistics/fold-name.js';

/** A word, name, value or sign of a statement. */
export interface Word {
  readonly kind: 'name' | 'value' | 'sign';
  /** A name without its quotes. */
  readonly text: string;
  /** In lower case; for names in quotes empty, because they are no keywords. */
  readonly key: string;
  /** Where it begins. */
  readonly at: number;
}

const pattern =
  /\s+|--[^\n]*|\/\*[^]*?(?:\*\/|$)|([xX]?'[^']*(?:''[^']*)*'|\d[\w.]*|\.\d\w*|\?\d*|[:@$][\w$]+)|("[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`|\[[^\]]*\])|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(<=|>=|<>|!=|==|\|\||->>?|[^])/g;

/** Returns the words of `sql` in their order, without comments. */
export function wordsOf(sql: string): readonly Word[] {
  const words: Word[] = [];
  for (const { index: at, 1: value, 2: quotedName, 3: name, 4: sign } of sql.matchAll(pattern)) {
    if (value !== undefined) words.push({ kind: 'value', text: value, key: '', at });
    else if (quotedName !== undefined) words.push({ kind: 'name', text: withoutQuotes(quotedName), key: '', at });
    else if (name !== undefined) words.push({ kind: 'name', text: name, key: foldName(name), at });
    else if (sign !== undefined) words.push({ kind: 'sign', text: sign, key: sign, at });
  }
  return words;
}

/** Whether a word may be the name of a table, or its alias: without quotes no keyword can. */
export function isName({ kind, key }: Word): boolean {
  return kind === 'name' && !reserved.has(key) && !noAlias.has(key);
}

function withoutQuotes(name: string): string {
  const [first = ''] = name;
  return first === '[' ? name.slice(1, -1) : name.slice(1, -1).replaceAll(first + first, first);
}

/** The tables of a database: their columns by name, in lower case; the value is the name as declared. */
export type Columns = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** A part of an index: a column, or an expression of one. */
export interface IndexPart {
  /** As it stands in CREATE INDEX. */
  readonly sql: string;
  /** For the name of the index. */
  readonly word: string;
}

/** What a statement asks of one table. */
export interface Wishes {
  readonly table: string;
  readonly equal: IndexPart[];
  readonly ranges: IndexPart[];
  readonly orders: IndexPart[];
  readonly groups: IndexPart[];
}

/** Reads what `sql` compares, orders and groups by, for each table that it names. */
export function wishesOf(sql: string, columns: Columns): readonly Wishes[] {
  return new Reading(wordsOf(sql), columns).wishes();
}

const equalSigns: ReadonlySet<string> = new Set(['=', '==', 'is', 'in']);
const rangeSigns: ReadonlySet<string> = new Set(['<', '>', '<=', '>=', 'between', 'like', 'glob']);
const compounds: ReadonlySet<string> = new Set(['union', 'except', 'intersect']);
/** What ends a list of ORDER BY or GROUP BY. */
const listEnds: ReadonlySet<string> = new Set([...compounds, 'limit', 'offset', 'having', 'order', 'returning']);
/** Keywords that stand where an alias may, beside those that are reserved. */
const noAlias: ReadonlySet<string> = new Set(
  'where on join left right inner outer cross natural full using group order limit set union except intersect values returning having not indexed window default'.split(
    ' ',
  ),
);
/** Functions whose value depends on nothing but their arguments. */
const pureFunctions: ReadonlySet<string> = new Set([
  'lower',
  'upper',
  'length',
  'trim',
  'abs',
  'round',
  'substr',
  'json_extract',
  'coalesce',
  'ifnull',
]);

/** A query within a statement, or what else stands in parentheses. */
interface Scope {
  /** The table that each name stands for in it. */
  readonly aliases: Map<string, string>;
  readonly around: Scope | null;
}

/** The scope of each word. */
function scopesOf(words: readonly Word[]): readonly Scope[] {
  let inner: Scope = { aliases: new Map(), around: null };
  return words.map(({ key }) => {
    const scope = inner;
    if (key === '(') inner = { aliases: new Map(), around: scope };
    else if (key === ')') inner = scope.around ?? scope;
    else if (compounds.has(key)) inner = { aliases: new Map(), around: scope.around };
    return scope;
  });
}

class Reading {
  readonly #words: readonly Word[];
  readonly #columns: Columns;
  readonly #scopes: readonly Scope[];
  /** As those of a scope, of all of the statement: names in parentheses of a FROM hold outside of them. */
  readonly #aliases = new Map<string, string>();
  readonly #wishes = new Map<string, Wishes>();

  constructor(words: readonly Word[], columns: Columns) {
    this.#words = words;
    this.#scopes = scopesOf(words);
    this.#columns = columns;
  }

  wishes(): readonly Wishes[] {
    this.#readTables();
    // What a statement returns and what it sets narrows nothing, whatever is compared there; a subquery in it does.
    const isResult = [false];
    for (let at = 0; at < this.#words.length; at += 1) {
      const key = this.#key(at);
      if (key === '(') isResult.push(isResult.at(-1) ?? false);
      else if (key === ')') isResult.pop();
      else if (key === 'select' || key === 'set') isResult[isResult.length - 1] = true;
      // But `FILTER (WHERE …)`.
      else if (key === 'from' || (key === 'where' && this.#key(at - 1) !== '(')) isResult[isResult.length - 1] = false;
      if ((key === 'order' || key === 'group') && this.#key(at + 1) === 'by') this.#readList(at + 2, key);
      else if (key === 'min' || key === 'max') this.#readExtreme(at);
      else if (!isResult.at(-1)) this.#readComparison(at);
    }
    return [...this.#wishes.values()];
  }

  #key(at: number): string {
    return this.#words[at]?.key ?? '';
  }

  #readTables(): void {
    for (let at = 0; at < this.#words.length; at += 1) {
      if (['from', 'join', 'update', ','].includes(this.#key(at))) this.#readTable(at + 1);
    }
  }

  #readTable(at: number): void {
    const table = this.#words[at];
    if (table?.kind !== 'name') return;
    const declared = this.#columns.has(foldName(table.text)) ? foldName(table.text) : undefined;
    if (declared === undefined) return;
    const next = this.#key(at + 1) === 'as' ? this.#words[at + 2] : this.#words[at + 1];
    for (const aliases of [this.#aliases, this.#scopes[at]?.aliases]) {
      aliases?.set(declared, declared);
      if (next && isName(next)) aliases?.set(foldName(next.text), declared);
    }
  }

  /** The names that hold at a word, from its own query outwards. */
  #aliasesAt(at: number): readonly ReadonlyMap<string, string>[] {
    const found: ReadonlyMap<string, string>[] = [];
    for (let scope = this.#scopes[at] ?? null; scope; scope = scope.around) found.push(scope.aliases);
    return [...found, this.#aliases];
  }

  /** The column that the words from `at` on name, and how many words that takes. */
  #columnAt(at: number): { table: string; column: string; length: number } | null {
    const [first, dot, second] = this.#words.slice(at, at + 3);
    if (first?.kind !== 'name' || this.#key(at - 1) === '.') return null;
    const around = this.#aliasesAt(at);
    if (dot?.text === '.' && second?.kind === 'name') {
      const table = around.find((aliases) => aliases.has(foldName(first.text)))?.get(foldName(first.text));
      const column = table === undefined ? undefined : this.#columns.get(table)?.get(foldName(second.text));
      return table === undefined || column === undefined ? null : { table, column, length: 3 };
    }
    const owners = around
      .map((aliases) =>
        [...new Set(aliases.values())].filter((each) => this.#columns.get(each)?.has(foldName(first.text))),
      )
      .find((tables) => tables.length > 0);
    const [table] = owners ?? [];
    const column = table === undefined ? undefined : this.#columns.get(table)?.get(foldName(first.text));
    return owners?.length !== 1 || table === undefined || column === undefined ? null : { table, column, length: 1 };
  }

  /** A column, or a function of one and of values, as a part of an index. */
  #partAt(at: number): { table: string; part: IndexPart; length: number } | null {
    const plain = this.#columnAt(at);
    if (plain) return { table: plain.table, part: partOf(plain.column), length: plain.length };
    if (!pureFunctions.has(this.#key(at)) || this.#key(at + 1) !== '(') return null;
    const inner = this.#columnAt(at + 2);
    if (!inner) return null;
    let sql = `${this.#key(at)}(${quoteColumn(inner.column)}`;
    for (let next = at + 2 + inner.length; next < this.#words.length; next += 1) {
      const word = this.#words[next];
      // A placeholder is no expression of an index.
      if (!word || word.kind === 'name' || (word.kind === 'value' && /^[?:@$]/.test(word.text))) return null;
      sql += word.text === ',' ? ', ' : word.text;
      if (word.text === ')') {
        return { table: inner.table, part: { sql, word: `${this.#key(at)}_${inner.column}` }, length: next + 1 - at };
      }
    }
    return null;
  }

  #readComparison(at: number): void {
    const found = this.#partAt(at);
    if (!found || this.#isInside(at)) return;
    const { table, part, length } = found;
    const wishes = this.#wishesFor(table);
    const after = this.#key(at + length);
    const before = this.#key(at - 1);
    if (equalSigns.has(after) || before === '=' || before === '==') {
      // IS NOT compares with everything else; IN and IS NULL are as good as one value each.
      if (after !== 'is' || this.#key(at + length + 1) !== 'not') add(wishes.equal, part);
      else add(wishes.ranges, part);
    } else if (rangeSigns.has(after)) {
      // LIKE ignores the case of letters, and so must its index.
      add(wishes.ranges, after === 'like' ? { sql: `${part.sql} COLLATE NOCASE`, word: `${part.word}_nocase` } : part);
    } else if (rangeSigns.has(before) && before !== 'between') add(wishes.ranges, part);
  }

  /** The least and the greatest of a column stand at the ends of an index. */
  #readExtreme(at: number): void {
    const found = this.#key(at + 1) === '(' ? this.#columnAt(at + 2) : null;
    if (found && this.#key(at + 2 + found.length) === ')')
      add(this.#wishesFor(found.table).ranges, partOf(found.column));
  }

  /** Whether the word is an argument of a function that was read as a whole. */
  #isInside(at: number): boolean {
    return this.#key(at - 1) === '(' && pureFunctions.has(this.#key(at - 2)) && this.#partAt(at - 2) !== null;
  }

  #readList(from: number, kind: 'order' | 'group'): void {
    let table: string | undefined;
    const parts: IndexPart[] = [];
    for (let at = from; at < this.#words.length; ) {
      const found = this.#partAt(at);
      // One table can give one order.
      if (!found || (table !== undefined && found.table !== table)) return;
      table = found.table;
      at += found.length;
      let { sql } = found.part;
      if (this.#key(at) === 'collate') {
        sql += ` COLLATE ${this.#words[at + 1]?.text ?? ''}`;
        at += 2;
      }
      if (this.#key(at) === 'desc') sql += ' DESC';
      if (this.#key(at) === 'desc' || this.#key(at) === 'asc') at += 1;
      parts.push({ sql, word: found.part.word });
      if (this.#key(at) !== ',') {
        const end = this.#words[at];
        if (end && end.text !== ')' && end.text !== ';' && !listEnds.has(end.key)) return;
        break;
      }
      at += 1;
    }
    if (table === undefined) return;
    const wishes = this.#wishesFor(table);
    const list = kind === 'order' ? wishes.orders : wishes.groups;
    if (list.length === 0) list.push(...parts);
  }

  #wishesFor(table: string): Wishes {
    let wishes = this.#wishes.get(table);
    if (!wishes) {
      wishes = { table, equal: [], ranges: [], orders: [], groups: [] };
      this.#wishes.set(table, wishes);
    }
    return wishes;
  }
}

function add(parts: IndexPart[], part: IndexPart): void {
  if (!parts.some(({ sql }) => sql === part.sql)) parts.push(part);
}

function partOf(column: string): IndexPart {
  return { sql: quoteColumn(column), word: column };
}

/** Plain names stay as they are: people read them. */
export function quoteColumn(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Keywords that are refused as names without quotes, of those that tables are likely to have. */
const reserved: ReadonlySet<string> = new Set(
  'add all alter and as between case check collate commit constraint create cross current_date current_time current_timestamp default deferrable delete distinct drop else escape except exists foreign from full group having in index inner insert intersect into is isnull join left limit natural not nothing notnull null on or order outer primary references returning right select set table then to transaction union unique update using values when where'.split(
    ' ',
  ),
);
