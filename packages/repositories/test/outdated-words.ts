// What plain SQL leaves behind: it can change a name, but it cannot know the parts of a glued one.
import type { TransactionManager } from '@cc/tx';
import type { IndexReport } from '../src/index.js';
import { extraSearchText } from '../src/text/extra-text.js';
import { nameKey } from '../src/text/name-key.js';

/** Returns the report of a library in which all is right, but for the parts of names that plain SQL has changed. */
export async function rightButForRawNames(transactions: Pick<TransactionManager, 'db'>): Promise<IndexReport> {
  const { rows } = await transactions.db.$client.execute(
    'select name, name_order, file_name, file_path, description, search_extra from models order by seq',
  );
  const outdated = rows.filter(({ name, file_name, file_path, description, search_extra }) => {
    const text = description === null ? null : String(description);
    return (
      extraSearchText({
        name: String(name),
        fileName: String(file_name),
        filePath: String(file_path),
        description: text,
      }) !== search_extra
    );
  });
  const keys = rows.filter((row) => nameKey(String(row['name'])) !== row['name_order']);
  const problems = [
    ...(outdated.length === 0 ? [] : [`${outdated.length} models have outdated extra search words`]),
    ...(keys.length === 0
      ? []
      : [`${keys.length} models have no key of their place in the order by name, or an outdated one`]),
  ];
  return { ok: problems.length === 0, problems };
}
