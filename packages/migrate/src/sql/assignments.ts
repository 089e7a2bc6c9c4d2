// What stands between SET and the next clause of an UPDATE: which columns get what. Read by chunk.ts, the loss of updates,
// and the drafts of downs.
import { foldName, type Word } from './words.js';

/** One item of a SET clause. */
export interface Assignment {
  /** In lower case; several of `(a, b) = …`. */
  readonly columns: readonly string[];
  /** The names in its expression, in lower case. */
  readonly names: ReadonlySet<string>;
  readonly expression: readonly Word[];
}

/** Reads the items behind the SET at `set`. */
export function assignmentsIn(words: readonly Word[], set: number): readonly Assignment[] {
  const found: { columns: string[]; names: Set<string>; expression: Word[] }[] = [];
  const begin = (): unknown => found.push({ columns: [], names: new Set(), expression: [] });
  begin();
  let depth = 0;
  let isTarget = true;
  for (let index = set + 1; index < words.length; index += 1) {
    const word = words[index];
    if (!word) break;
    const sign = word.kind === 'sign' ? word.name : '';
    if (depth === 0 && endsAssignments(word, words[index - 1])) break;
    if (!isTarget && !(sign === ',' && depth === 0)) found.at(-1)?.expression.push(word);
    if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    else if (sign === '=' && depth === 0) isTarget = false;
    else if (sign === ',' && depth === 0) {
      isTarget = true;
      begin();
      continue;
    } else if (sign === '' && isTarget) found.at(-1)?.columns.push(foldName(word.name));
    else if (word.kind === 'word' || word.kind === 'name') found.at(-1)?.names.add(foldName(word.name));
  }
  return found;
}

/** The columns that the SET at `set` names. */
export function assignedIn(words: readonly Word[], set: number): readonly string[] {
  return assignmentsIn(words, set).flatMap(({ columns }) => columns);
}

/** `IS DISTINCT FROM` ends nothing. */
function endsAssignments({ keyword }: Word, before: Word | undefined): boolean {
  if (keyword === 'FROM') return before?.keyword !== 'DISTINCT';
  return keyword === 'WHERE' || keyword === 'RETURNING' || keyword === 'ORDER' || keyword === 'LIMIT';
}
