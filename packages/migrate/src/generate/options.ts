// Checks of the options of generateMigration, createMigration, writeMissingDowns and settleHistory.
import { refuseUnknownOptions } from '@cc/tx/known-options';
import type { CreateOptions, GenerateOptions, MissingDownsOptions, SettleOptions } from '../contract/generate.js';

/** Passes when the options of `generateMigration` make sense. @throws TypeError for an unknown option or a wrong value */
export function checkGenerateOptions(options: GenerateOptions): void {
  refuseUnknownOptions('generateMigration', options, [
    'name',
    'cwd',
    'config',
    'folder',
    'renames',
    'drops',
    'ask',
    'dryRun',
    'now',
  ]);
  if (options.name !== undefined) checkName('generateMigration', options.name);
}

/** Passes when the options of `createMigration` make sense. @throws TypeError for an unknown option or a wrong value */
export function checkCreateOptions(options: CreateOptions): void {
  refuseUnknownOptions('createMigration', options, [
    ...['name', 'upSql', 'downSql', 'irreversible', 'prefix', 'breakpoints', 'now'],
  ]);
  checkName('createMigration', options.name);
  if (options.irreversible && options.downSql !== undefined)
    throw new TypeError('createMigration: give downSql or irreversible, not both');
}

/** Passes when the options of `writeMissingDowns` make sense. @throws TypeError for an unknown option */
export function checkMissingDownsOptions(options: MissingDownsOptions): void {
  refuseUnknownOptions('writeMissingDowns', options, ['versions', 'irreversible', 'dryRun', 'onProgress']);
}

/** Passes when the options of `settleHistory` make sense. @throws TypeError for an unknown option */
export function checkSettleOptions(options: SettleOptions): void {
  refuseUnknownOptions('settleHistory', options, ['targetVersion', 'cwd', 'dryRun']);
}

/** The name becomes a part of file names. */
function checkName(where: string, name: string): void {
  if (typeof name === 'string' && /^[\p{L}\p{N}][\p{L}\p{N}_-]{0,100}$/u.test(name)) return;
  throw new TypeError(`${where}: name must be letters, digits, _ and -, at most 101 of them`);
}
