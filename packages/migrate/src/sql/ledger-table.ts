// How the table of drizzle's migrator is told from others: by its name where nobody says another one, else by its text.

/** The name that drizzle gives its table where nobody says another one. */
export const drizzleTable = '__drizzle_migrations';

/** Its text, whatever it is called, for LIKE. */
const shape = `'CREATE TABLE %(%id SERIAL PRIMARY KEY,%hash text NOT NULL,%created_at numeric%)'`;

/** SQL condition: `sql` is the text of such a table. */
export function isLedger(sql: string): string {
  return `${sql} LIKE ${shape}`;
}

/** SQL condition: `sql` is not the text of such a table. */
export function isNoLedger(sql: string): string {
  return `${sql} NOT LIKE ${shape}`;
}
