// The first line of a down file that was not written by hand: how it came about, which up it belongs to, and what is
// gone for good after up. No such line: a person wrote the file and answers for it.
import { createHash } from 'node:crypto';

/** What the first line of a down file says. */
export interface DownHeader {
  /**
   * - `generated`: proven against the up it names.
   * - `draft`: a part is still to be written by hand; it does not run.
   * - `irreversible`: there is no way back, and whoever applies the migration knows.
   */
  readonly kind: 'generated' | 'draft' | 'irreversible';
  /** Mark of the up file that it belongs to (`markOf`); null = not said. */
  readonly of: string | null;
  /** `table` or `table.column` whose contents up takes and down cannot bring back. */
  readonly losses: readonly string[];
}

const prefix = '-- cc:down ';

/** Reads the header of a down file; null when there is none, or none that this version knows. */
export function parseDownHeader(downSql: string): DownHeader | null {
  const [line = ''] = downSql.replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  if (!line.startsWith(prefix)) return null;
  const [kind, ...fields] = line.slice(prefix.length).trim().split(/\s+/);
  if (kind !== 'generated' && kind !== 'draft' && kind !== 'irreversible') return null;
  const field = (name: string): string | undefined =>
    fields.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
  return { kind, of: field('of') ?? null, losses: field('loss')?.split(',').map(decoded) ?? [] };
}

/** What a person has written may hold a bare `%`. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The header as the first line of a file, without a line break. */
export function formatDownHeader({ kind, of, losses }: DownHeader): string {
  const fields = [
    ...(of === null ? [] : [`of=${of}`]),
    ...(losses.length === 0 ? [] : [`loss=${losses.map(encodeURIComponent).join(',')}`]),
  ];
  return [prefix.trimEnd(), kind, ...fields].join(' ');
}

/** The mark by which a down file names its up: 16 hexadecimal digits of SHA-256 of its text with LF line endings. */
export function markOf(upSql: string): string {
  return createHash('sha256').update(upSql.replaceAll('\r\n', '\n')).digest('hex').slice(0, 16);
}
