// candy forget: models leave the library, those that are named together, those that are missing some at a time.
import type { Model, ModelId } from '@cc/schema';
import { exitCodes } from '../exit-codes.js';
import { Refused } from '../failure.js';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { showProgress } from '../progress.js';
import { count, visible } from '../terminal.js';

/** Removes models from the library; their files are not touched. Returns 130 when the signal ended it: what has gone by then stays so. */
export async function forgetCommand(
  library: Library,
  { ids, isForced }: { readonly ids: readonly ModelId[] | 'missing'; readonly isForced: boolean },
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const forgotten =
    ids === 'missing' ? await forgetMissing(library, output, signal) : await forgetNamed(library, ids, isForced);
  const { aborted } = signal;
  output.answer({ forgotten, ...(aborted && { interrupted: true }) }, () => [
    ...forgotten.map(({ filePath }) => `forgotten  ${visible(filePath)}`),
    `${forgotten.length === 1 ? 'One model' : `${count(forgotten.length)} models`} forgotten; no file was touched`,
    ...(aborted ? ['Interrupted: the same command does the rest.'] : []),
  ]);
  return aborted ? exitCodes.interrupted : exitCodes.ok;
}

type Forgotten = Pick<Model, 'id' | 'filePath'>;

/** All or none. Only missing ones without `isForced`. */
async function forgetNamed(library: Library, ids: readonly ModelId[], isForced: boolean): Promise<Forgotten[]> {
  return await library.transactions.transaction(async () => {
    const found = await library.repositories.models.readMany(ids);
    const chosen = [...found.values()].filter((model) => model !== null);
    const present = chosen.find(({ status }) => status !== 'missing');
    if (present !== undefined && !isForced) {
      throw new Refused(`${visible(present.name)} is not missing: with --present it is forgotten all the same.`);
    }
    return await remove(library, chosen);
  });
}

/** A disk that is gone for good may have held more than one transaction has time for. */
async function forgetMissing(library: Library, output: Output, signal: AbortSignal): Promise<Forgotten[]> {
  const { models } = library.repositories;
  const filter = { statuses: ['missing'] } as const;
  const total = await models.count(filter);
  const progress = showProgress(output, { doing: 'Forgetting', things: 'models' });
  const forgotten: Forgotten[] = [];
  try {
    while (!signal.aborted) {
      const some = await library.transactions.transaction(async () =>
        remove(library, (await models.list({ filter, limit: modelsAtOnce })).items),
      );
      forgotten.push(...some);
      progress.show(forgotten.length, Math.max(total, forgotten.length));
      if (some.length < modelsAtOnce) break;
    }
  } finally {
    progress.end();
  }
  return forgotten;
}

const modelsAtOnce = 500;

async function remove({ repositories }: Library, chosen: readonly Model[]): Promise<Forgotten[]> {
  for (const { id } of chosen) await repositories.models.delete(id);
  return chosen.map(({ id, filePath }) => ({ id, filePath }));
}
