// The entry @cc/tx/restore: putting a copy of a local database into its place.
export type { CopyQuery, RestoredFile, RestoreFileOptions } from './recovery/restore-file.js';
export { restoreFile } from './recovery/restore-file.js';
