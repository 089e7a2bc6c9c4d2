// What the file system refuses when files are written, said by the name of the file and what to do.
import { dirname } from 'node:path';
import { isError } from '@cc/tx/errors';
import { migrationError, typed } from '../errors.js';

/** Passes on what `work` gives, which writes `path`. @throws DatabaseError `MIGRATION_READ_ONLY`, or `MIGRATION_FOLDER` where its folder is not there */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = isError(cause) && 'code' in cause ? String(cause.code) : '';
    const folder = dirname(path);
    const operation = `write ${path}`;
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
      const hint = `Give this user the right to write to ${folder}, or name another place (--folder, --out); then run it again. To only look: cc-migrate status`;
      throw migrationError('read_only', `${path} cannot be written: ${code}`, { operation, hint, cause });
    }
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) {
      const hint =
        code === 'ENOENT'
          ? `Make its folder: mkdir -p ${typed(folder)}; or mend the path, and run it again`
          : `See what stands there, and that there is room (ls -l ${typed(folder)}); or name another place (--folder, --out), and run it again`;
      throw migrationError('folder', `${path} cannot be written: ${code}`, { operation, hint, cause });
    }
    throw cause;
  }
}
