// The messages between the reader (`reader-process.ts`) and its process (`child.ts`): one request at a time, of one file or
// of many small ones.
import type { ModelFormat } from './format.js';

/** What a reading is for: the figures, the print that takes reading every byte, or both. */
export type Wanted = 'figures' | 'prints' | 'both';

/** Asks for files. */
export interface ReadRequest {
  readonly id: number;
  readonly paths: readonly string[];
  readonly wants: Wanted;
}

/** What the process says: that it is ready, the readings in the order of the paths, or the limit that a file met. */
export type ReaderMessage =
  | { readonly type: 'ready' }
  | {
      readonly type: 'readings';
      readonly id: number;
      /** A list of `FileReading` as JSON: it passes two threads and a pipe, and objects would be copied for each. */
      readonly readings: string;
      readonly rssBytes: number;
    }
  | { readonly type: 'memory' | 'timeout'; readonly id: number; readonly format: ModelFormat | null };

/** Where the thread that reads notes what it is at: how many files it has begun, the format of the last (0: none yet), and whether it measures. */
export const [beganAt, formatAt, measuresAt] = [0, 1, 2];
