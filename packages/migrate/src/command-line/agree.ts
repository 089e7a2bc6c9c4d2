// Asks a person before something is done that cannot simply be undone. Used by the commands that go back, repair, drop and restore.
import { migrationError } from '../errors.js';

/**
 * Returns when the flags say yes or a person does; true when a person was asked, who took some time to think. `argument` is
 * what the command was given besides flags, with a space before it.
 *
 * @throws DatabaseError `MIGRATION_CONFIRM` without a yes
 */
export async function agree(
  question: string,
  operation: string,
  { yes, json }: { readonly yes?: boolean; readonly json?: boolean },
  { ask }: { readonly ask: ((question: string) => Promise<boolean>) | null },
  argument = '',
): Promise<boolean> {
  if (yes) return false;
  if (ask === null || json) {
    const reason = `This needs a yes: ${question}`;
    throw migrationError('confirm', reason, {
      operation,
      hint: `Nothing was done. Add --yes: cc-migrate ${operation}${argument} --yes`,
    });
  }
  if (await ask(question)) return true;
  throw migrationError('confirm', 'Nothing was done', { operation, hint: '' });
}
