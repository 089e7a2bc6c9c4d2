// Reads CREATE VIRTUAL TABLE … USING fts5(…): what the copy of an index is declared with, and where its rows lie.

/** A full-text table as it was declared. */
export interface FullTextTable {
  readonly name: string;
  /** `fts3`, `fts4` or `fts5`. */
  readonly module: string;
  /** From `fts5(` to its parenthesis. */
  readonly using: string;
  /** The table with its rows; `own` when they lie in the index, null when they lie nowhere. */
  readonly content: { readonly table: string } | 'own' | null;
}

/** Returns null for what is no full-text table. SQLite keeps such a declaration as `CREATE VIRTUAL TABLE` and the rest as typed. */
export function readDeclaration(name: string, sql: string): FullTextTable | null {
  const [, using, module] = declaration.exec(sql) ?? [];
  if (using === undefined || module === undefined) return null;
  const content = optionOf(using.slice(using.indexOf('(') + 1, using.lastIndexOf(')')), 'content');
  return {
    name,
    module: module.toLowerCase(),
    using,
    content: content === undefined ? 'own' : content === '' ? null : { table: content },
  };
}

const space = String.raw`(?:\s|--[^\n]*\n|/\*[^]*?\*/)`;
const quotedName = String.raw`"(?:[^"]|"")*"|'(?:[^']|'')*'|\x60(?:[^\x60]|\x60\x60)*\x60|\[[^\]]*\]`;
const anyName = String.raw`(?:${quotedName}|[\w$\u0080-\uffff]+)`;
const declaration = new RegExp(
  `^CREATE VIRTUAL TABLE${space}+(?:IF${space}+NOT${space}+EXISTS${space}+)?${anyName}(?:${space}*\\.${space}*${anyName})?${space}*USING${space}+((fts[345])${space}*\\([^]*\\))`,
  'i',
);

/** The value of an option among the arguments of fts5. */
function optionOf(args: string, name: string): string | undefined {
  for (const [, option = '', value = ''] of args.matchAll(assignment)) {
    if (option.toLowerCase() === name) return unquoted(value);
  }
  return undefined;
}

/** An argument: texts and names in quotes are passed over as they are, so that a comma or `=` in them means nothing. */
const assignment = new RegExp(`(?:^|,)\\s*(\\w+)\\s*=\\s*(${quotedName}|[^,'"]*)|${quotedName}`, 'g');

function unquoted(value: string): string {
  const text = value.trim();
  const [first = ''] = text;
  if (first === '[') return text.slice(1, -1);
  return ['"', "'", '`'].includes(first) ? text.slice(1, -1).replaceAll(first + first, first) : text;
}
