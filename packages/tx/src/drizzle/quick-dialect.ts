// drizzle's dialect, which makes the text of a query in one walk over its parts. drizzle itself asks of each part up to ten
// times what it is, along its chain of constructors, and copies the values of each part into those of the part around it:
// more than half of the time that building a query took. What is rare is still left to drizzle.
import { Column } from 'drizzle-orm/column';
import { is } from 'drizzle-orm/entity';
import { Name, Param, Placeholder, type Query, SQL, StringChunk } from 'drizzle-orm/sql';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { Table } from 'drizzle-orm/table';

/** Gives the same text and values as `SQLiteAsyncDialect`. */
export class QuickDialect extends SQLiteAsyncDialect {
  /** The names of tables and columns as they stand in a query. */
  private readonly named = new WeakMap<object, string>();

  override sqlToQuery(
    ...[query, source]: Parameters<SQLiteAsyncDialect['sqlToQuery']>
  ): ReturnType<SQLiteAsyncDialect['sqlToQuery']> {
    if (source !== undefined || query.toQuery !== SQL.prototype.toQuery) return super.sqlToQuery(query, source);
    const params: unknown[] = [];
    const text = this.textOf(query, params);
    return params.length === 0 ? { sql: text, params } : { sql: text, params, typings: params.map(() => 'none') };
  }

  /** The text of one part, whose values are added to `params`. */
  private textOf(part: unknown, params: unknown[]): string {
    if (part === undefined) return '';
    if (!isObject(part)) return typeof part === 'function' ? this.byDrizzle(part, params) : this.value(part, params);
    if (Array.isArray(part)) return `(${part.map((item) => this.textOf(item, params)).join(', ')})`;
    const kind = kindOf(part);
    switch (kind) {
      case StringChunk:
        return (part as StringChunk).value.join('');
      case Name:
        return this.escapeName((part as Name).value);
      case SQL:
        return this.textOfQuery(part as SQL, params);
      case Param:
        return this.textOfParam(part as Param, params);
      case Placeholder:
        return this.value(part, params);
      case Column:
      case Table:
        return this.nameOf(part);
      default:
        return this.byDrizzle(part, params);
    }
  }

  private textOfQuery(query: SQL, params: unknown[]): string {
    // Values that are to stand in the text; not in drizzle's types.
    if ((query as unknown as { shouldInlineParams: boolean }).shouldInlineParams) return this.byDrizzle(query, params);
    let text = '';
    for (const part of query.queryChunks) text += this.textOf(part, params);
    return text;
  }

  private textOfParam(param: Param, params: unknown[]): string {
    if (is(param.value, Placeholder)) return this.value(param, params);
    const encoded = param.value === null ? null : param.encoder.mapToDriverValue(param.value);
    return is(encoded, SQL) ? this.textOf(encoded, params) : this.value(encoded, params);
  }

  private value(value: unknown, params: unknown[]): string {
    params.push(value);
    return this.escapeParam(params.length);
  }

  private nameOf(part: object): string {
    const known = this.named.get(part);
    if (known !== undefined) return known;
    const name = this.byDrizzle(part, []);
    this.named.set(part, name);
    return name;
  }

  private byDrizzle(part: unknown, params: unknown[]): string {
    const query: Query = super.sqlToQuery(new SQL([part as Table]));
    for (const value of query.params) params.push(value);
    return query.sql;
  }
}

const quick = [StringChunk, Name, SQL, Param, Placeholder, Column, Table] as const;
type Kind = (typeof quick)[number] | undefined;

/** By the prototype of a part, which is all that drizzle goes by. */
const kinds = new WeakMap<object, { readonly kind: Kind }>();

function kindOf(part: object): Kind {
  const prototype: object | null = Object.getPrototypeOf(part);
  if (prototype === null) return undefined;
  let known = kinds.get(prototype);
  if (!known) {
    known = { kind: quick.find((kind) => is(part, kind)) };
    kinds.set(prototype, known);
  }
  return known.kind;
}

function isObject(part: unknown): part is object {
  return typeof part === 'object' && part !== null;
}
