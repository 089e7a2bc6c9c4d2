// What the routes of every topic share: the library, the feed that open pages hear, and the work that goes on behind them.
import type { Model } from '@cc/schema';
import type { Library } from '../library.js';
import type { Feed } from './feed.js';
import type { ImportQueue } from './import-queue.js';
import type { JobQueue } from './job-queue.js';

/** Returns the picture of a model, or null when there is none. */
export type PictureOf = (
  model: Model,
  o: { readonly signal: AbortSignal },
) => Promise<{ readonly bytes: Uint8Array; readonly type: 'image/png' | 'image/jpeg' } | null>;

/** A library that is being served. */
export interface Serving {
  readonly library: Library;
  readonly feed: Feed;
  readonly imports: ImportQueue;
  readonly jobs: JobQueue;
  readonly pictures: PictureOf;
  readonly folders: {
    /** Where uploaded files are kept; null where files cannot be uploaded. */
    readonly uploads: string | null;
    /** Where backups are written. */
    readonly backups: string;
  };
}
