// Taking models out of the library, with the way back. No file is touched.
import { forget, restore } from '../data/api.js';
import { remember, reversible, sayProblem } from '../data/edits.js';
import * as words from '../frame/words.js';

/** Forgets models; `present` says that their files may be there. */
export async function forgetModels(ids: readonly string[], present: boolean, reload: () => void): Promise<void> {
  let token = '';
  const take = async (): Promise<void> => {
    ({ undo: token } = await forget(ids, present));
    reload();
  };
  const bring = async (): Promise<void> => {
    await restore(token);
    reload();
  };
  try {
    await take();
    remember(reversible(`${words.counted(ids.length, 'model')} forgotten`, bring, take));
  } catch (error) {
    sayProblem(error);
  }
}
