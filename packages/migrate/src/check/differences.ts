// Differences as text for messages of errors. command-line/show.ts prints all of them instead.
import type { SchemaDifference } from '../contract/care.js';

const most = 20;

/** One line each, of the first twenty, with how many more there are. */
export function describeDifferences(differences: readonly SchemaDifference[]): string {
  const lines = differences.slice(0, most).map(({ message }) => `  ${message}`);
  if (differences.length > most) lines.push(`  and ${differences.length - most} more: see diff`);
  return lines.join('\n');
}
