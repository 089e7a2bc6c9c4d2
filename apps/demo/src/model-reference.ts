// Finds the model that a person means: by its id, a unique beginning of it, its path, or its name.
import { resolve } from 'node:path';
import { type ModelId, models } from '@cc/schema';
import { and, gte, lt, or, sql } from 'drizzle-orm';
import type { Library } from './library.js';
import { visible } from './terminal.js';

/** No model, or more than one, is what was asked for; the message says what is near. */
export class NoSuchModel extends Error {
  override readonly name = 'NoSuchModel';
}

/**
 * Returns the id of the one model that `text` names. Paths are relative to `workingFolder`.
 * @throws NoSuchModel
 */
export async function findModel(library: Library, text: string, workingFolder: string): Promise<ModelId> {
  const { db } = library.transactions;
  const columns = { id: models.id, name: models.name, filePath: models.filePath };
  // What is typed has one code point for a letter with its accent, and file names of macOS have two.
  const spellings = [...new Set([text, text.normalize('NFC'), text.normalize('NFD')])];
  for (const spelling of spellings) {
    const byPath = await library.repositories.models.readByPath(resolve(workingFolder, spelling));
    if (byPath !== null) return byPath.id;
  }
  if (/^[0-9a-f-]{4,36}$/i.test(text)) {
    const start = text.toLowerCase();
    const found = await db
      .select(columns)
      .from(models)
      .where(and(gte(models.id, start as ModelId), lt(models.id, `${start}~` as ModelId)))
      .limit(most + 1);
    if (found.length > 0) return oneOf(found, text, 'has an id that begins with');
    if (text.length === 36) throw new NoSuchModel(`No model has the id ${text}. The command \`list\` shows the ids.`);
  }
  const named = await db
    .select(columns)
    .from(models)
    .where(
      or(
        ...spellings.flatMap((spelling) => [
          sql`${models.name} = ${spelling} collate nocase`,
          sql`${models.fileName} = ${spelling}`,
        ]),
      ),
    )
    .limit(most + 1);
  if (named.length > 0) return oneOf(named, text, 'is called');
  const { hits } = await library.repositories.search.searchModels(text, {}, { limit: 3 });
  const short = /^[0-9a-f-]{1,3}$/i.test(text) ? ' The beginning of an id counts from 4 characters on.' : '';
  const near = hits.map(({ model }) => `\n  ${model.id}  ${visible(model.name)}`).join('');
  throw new NoSuchModel(
    `No model has the id, path or name ${visible(text)}.${short} ${near === '' ? 'The command `list` shows the ids.' : `Did you mean${near}`}`,
  );
}

/** The ids of the models that are named. */
export async function findModels(
  library: Library,
  names: readonly string[],
  workingFolder: string,
): Promise<readonly ModelId[]> {
  const ids: ModelId[] = [];
  for (const name of names) ids.push(await findModel(library, name, workingFolder));
  return ids;
}

const most = 5;

function oneOf(
  found: readonly { readonly id: ModelId; readonly name: string; readonly filePath: string }[],
  text: string,
  how: string,
): ModelId {
  const [model, ...others] = found;
  if (model !== undefined && others.length === 0) return model.id;
  const shown = found.slice(0, most).map(({ id, filePath }) => `\n  ${id}  ${visible(filePath)}`);
  throw new NoSuchModel(
    `More than one model ${how} ${visible(text)}; name one by its id or path:${shown.join('')}${found.length > most ? '\n  …' : ''}`,
  );
}
