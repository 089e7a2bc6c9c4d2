// Whether `drizzle-kit push` would leave our bookkeeping alone: it plans to drop each table that its filter lets through and
// the schema code does not have.
import { drizzleTable } from '../sql/bookkeeping.js';
import type { Surroundings } from './commands.js';
import type { ProjectConfig } from './config.js';

const bookkeeping = ['__cc_migrations', '__cc_outcomes'];

/** Warns when the filter of `config` lets tables of ours through. */
export function noteFilter(config: ProjectConfig | null, { name, warn }: Surroundings): void {
  if (config === null || config.tablesFilter === null) return;
  const { path, tablesFilter, table = drizzleTable } = config;
  // drizzle-kit leaves its own table alone only under the usual name.
  const named = table === drizzleTable ? [] : [table];
  const seen = [...bookkeeping, ...named].filter((table) => letsThrough(tablesFilter, table));
  if (seen.length === 0) return;
  const isSeen = (name: string): boolean => seen.includes(name);
  const needed = [...(bookkeeping.some(isSeen) ? ['!__cc_*'] : []), ...named.filter(isSeen).map((name) => `!${name}`)];
  const right = [...tablesFilter, ...needed].map((each) => `'${each}'`).join(', ');
  warn(
    `${name ?? 'cc-migrate'}: drizzle-kit push would drop ${seen.join(' and ')}: write tablesFilter: [${right}] into ${path}`,
  );
}

/** As drizzle-kit reads its filter: of the patterns that say anything of a name, all have to let it through. */
function letsThrough(patterns: readonly string[], table: string): boolean {
  if (patterns.length === 0) return true;
  const said = patterns.flatMap((pattern) => {
    if (!pattern.startsWith('!')) return matches(pattern, table) ? [true] : [];
    return [!matches(pattern.slice(1), table)];
  });
  return said.length > 0 && said.every(Boolean);
}

function matches(pattern: string, table: string): boolean {
  const text = pattern
    .replaceAll(/[.+^$()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('{', '(?:')
    .replaceAll('}', ')')
    .replaceAll(',', '|');
  return new RegExp(`^(?:${text})$`).test(table);
}
