// Which tasks of maintenance there are and in which order they run; the checks of what callers give.
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { refuseNoSignal } from '../signal.js';
import type { MaintenanceOptions, MaintenanceScheduleOptions, MaintenanceTask } from './types.js';

const order: readonly MaintenanceTask[] = ['analyze', 'fullText', 'history', 'incrementalVacuum', 'checkpoint'];

/** Returns the tasks that `options` ask for, in their order. @throws TypeError for an unknown task or option */
export function readTasks(where: string, options: MaintenanceOptions): readonly MaintenanceTask[] {
  refuseUnknownOptions(where, options, ['tasks', 'signal', 'history']);
  const { tasks, history, signal } = options;
  refuseNoSignal(where, signal);
  refuseWrongTasks(where, options, history !== undefined);
  if (tasks === undefined) return order.filter((task) => task !== 'history' || history);
  return order.filter((task) => tasks.includes(task));
}

function refuseWrongTasks(where: string, { tasks, history }: MaintenanceOptions, keepsHistory: boolean): void {
  if (history !== undefined && typeof history !== 'function')
    throw new TypeError(`${where}: history must be a function`);
  if (tasks === undefined) return;
  if (!Array.isArray(tasks)) throw new TypeError(`${where}: tasks must be a list of ${order.join(', ')}`);
  const unknown: unknown = tasks.find((task: MaintenanceTask) => !order.includes(task));
  if (unknown !== undefined)
    throw new TypeError(`${where}: unknown task '${String(unknown)}'; it takes ${order.join(', ')}`);
  if (tasks.includes('history') && !keepsHistory)
    throw new TypeError(`${where}: the task history needs the option history`);
}

const longestTimerMs = 2 ** 31 - 1;

/**
 * Checks a schedule; `keepsHistory`: whether there is one beside its own options.
 *
 * @throws TypeError for an unknown task or option, or a time out of range
 */
export function checkSchedule(where: string, options: MaintenanceScheduleOptions, keepsHistory = false): void {
  refuseUnknownOptions(where, options, ['tasks', 'history', 'everyMs', 'onResult']);
  const { everyMs, onResult, history } = options;
  if (typeof everyMs !== 'number' || !(everyMs >= 1 && everyMs <= longestTimerMs))
    throw new TypeError(`${where}: everyMs must be from 1 to ${longestTimerMs}`);
  if (onResult !== undefined && typeof onResult !== 'function')
    throw new TypeError(`${where}: onResult must be a function`);
  refuseWrongTasks(where, options, keepsHistory || history !== undefined);
}
