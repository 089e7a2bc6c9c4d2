// candy maintain: renews what makes the library quick.
import type { MaintenanceResult, MaintenanceTask } from '@cc/health';
import { exitCodes } from '../exit-codes.js';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { showSteps } from '../progress.js';
import { visible } from '../terminal.js';

/** Does one task after the other. Returns 2 when one has failed, 130 when the signal ended it: each is whole or not begun. */
export async function maintainCommand(library: Library, output: Output, signal: AbortSignal): Promise<number> {
  const steps = showSteps(output, 'Maintaining');
  const results: MaintenanceResult[] = [];
  try {
    steps.step('the words of search');
    await library.repositories.search.refreshWords();
    for (const task of order) {
      signal.throwIfAborted();
      steps.step(words[task]);
      results.push(...(await library.health.runMaintenance({ tasks: [task], signal })));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    steps.end();
  }
  output.answer(results, () => [
    ...results.map(
      ({ task, status, message }) => `${task}: ${status === 'done' ? '' : `${status}, `}${visible(message)}`,
    ),
    ...(signal.aborted ? ['Interrupted: the same command does the rest.'] : []),
  ]);
  if (signal.aborted) return exitCodes.interrupted;
  return results.some(({ status }) => status === 'failed') ? exitCodes.foundSomething : exitCodes.ok;
}

/** The history of health belongs to `serve`, which keeps it. */
type Task = Exclude<MaintenanceTask, 'history'>;

const words: Readonly<Record<Task, string>> = {
  analyze: 'the statistics of the planner',
  fullText: 'the full-text index',
  incrementalVacuum: 'free pages of the file',
  checkpoint: 'the write-ahead log',
};
const order = Object.keys(words) as Task[];
