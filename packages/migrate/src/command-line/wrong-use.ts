// What the manager says of wrong options, in the words of the command line: program.ts shows it.

/** Names of options, and the flags that become them. */
const flags: Readonly<Record<string, string>> = {
  targetVersion: '--to',
  targetDate: '--to-date',
  goto: '--to',
  steps: '--steps',
  allowDataLoss: '--allow-data-loss',
  backup: '--backup',
  name: '--name',
  downSql: '--down',
  upSql: '--up',
  irreversible: '--irreversible',
  migrationsTable: '--table',
  authToken: 'CC_AUTH_TOKEN, or as dbCredentials.authToken in drizzle.config.ts',
};

/** The message of `error` with flags in place of options, and without the method that was called. */
export function inFlags({ message }: TypeError): string {
  const calls =
    /^(?:applyMigrations|rollbackMigration|plan|verify|baseline|repair|(?:generate|create)Migration|writeMissingDowns): /;
  const [head = '', ...rest] = message.replace(calls, '').split(/(?=')/);
  // What stands in quotes was typed.
  const named = head.replaceAll(/\b[a-z][A-Za-z]*\b/g, (word, at: number) => {
    const isOption = head.slice(0, at).trim() === '' || /(?:give|or|as) $/.test(head.slice(0, at));
    return isOption ? (flags[word] ?? word) : word;
  });
  return named + rest.join('');
}
