// What is asked of the rows that compare.ts lays beside each other, as SQL: which are missing, and which values are no longer
// what they were.
import { quoteName } from '../sql/words.js';
import { elsewhere, type Taken, together } from './elsewhere.js';
import { lostSql } from './kept.js';
import { type Probe, tallySql } from './look.js';

/** Rows beside each other: `b` is the row before, `a` the one that took its place. */
export interface Question extends Taken {
  readonly from: string;
  readonly missing: string;
  readonly label: string;
  /** Asked of these rows alone; null for all. */
  readonly only: string | null;
  /** Nothing is lost when this holds. */
  readonly unless?: string;
  /** Values can be told apart only with this. */
  readonly onlyIf?: string;
  /** What tells the rows `b` apart, where several rows `a` may stand beside one: it is kept when one of them keeps it. */
  readonly several?: readonly string[];
}

/** The probe of a question. */
export function questionsOf(question: Question): Probe {
  const { look, values, from, missing, label, only, unless, onlyIf, several } = question;
  const { table, heir, changed, gone, asksRows } = look;
  const held = elsewhere(question);
  const stays = `NOT ${missing}${onlyIf === undefined ? '' : ` AND ${onlyIf}`}`;
  const asked = [
    ...(asksRows && heir.mayMiss
      ? [{ column: null, sql: `(${missing}${held.row === '0' ? '' : ` AND NOT (${held.row})`})` }]
      : []),
    ...changed.map(([before, after]) => {
      const value = `b.v${values.indexOf(before)}`;
      const lost = lostSql(value, `a.${quoteName(after.name)}`, before.affinity, after.affinity);
      return { column: before.name, sql: `(${stays} AND ${lost} AND NOT ${held.value(before)})` };
    }),
    ...gone.map((column, index) => {
      return { column: column.name, sql: `(${stays} AND b.g${index} IS NOT NULL AND NOT ${held.value(column)})` };
    }),
  ];
  const conditions = [...(only === null ? [] : [only]), ...(unless === undefined ? [] : [`NOT (${unless})`])];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const lost = asked.map(({ sql }, index) => (several ? `l${index}` : sql));
  const grouped = asked.map(({ sql }, index) => `min(CASE WHEN ${sql} THEN 1 ELSE 0 END) AS l${index}`);
  const groups = (kept: string): string =>
    `(SELECT ${grouped.join(', ')}, min(${label}) AS k FROM ${from}${kept} GROUP BY ${several?.join(', ') ?? ''})`;
  const counted = lost.map((each) =>
    tallySql(`count(CASE WHEN ${each} THEN 1 END)`, `min(CASE WHEN ${each} THEN ${several ? 'k' : label} END)`),
  );
  const any = together(lost, 'OR');
  const found = several
    ? `EXISTS (SELECT 1 FROM ${groups(only === null ? '' : ` WHERE ${only}`)} WHERE ${any})`
    : `EXISTS (SELECT 1 FROM ${from} WHERE ${only === null ? '' : `${only} AND `}(${any}))`;
  return {
    isLost: `(${found}${unless === undefined ? '' : ` AND NOT (${unless})`})`,
    details: `SELECT ${counted.join(', ')} FROM ${several ? groups(where) : `${from}${where}`}`,
    parts: asked.map(({ column }) => ({ table: table.name, column })),
  };
}
