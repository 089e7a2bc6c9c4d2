// Advice as a line for a shell: the migration that carries it out, with its way back.

/** The SQL in files, and the migration made of them. */
export function createCommand(name: string, up: string, down: string): string {
  const file = (sql: string, path: string): string => `printf '%s\\n' ${shellQuoted(`${sql};`)} > ${path}`;
  return `${file(up, 'up.sql')} && ${file(down, 'down.sql')} && npx cc-migrate create --name ${name} --up up.sql --down down.sql`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
