// The messages between the reader (`reader-process.ts`) and its process (`child.ts`): one request at a time.
import type { ModelFormat } from './format.js';
import type { GeometryResult } from './geometry.js';

/** Asks for one file. */
export interface ReadRequest {
  readonly id: number;
  readonly path: string;
}

/** What the process says: that it is ready, what format it is reading, the result, or that memory ran out. */
export type ReaderMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'format'; readonly id: number; readonly format: ModelFormat }
  | { readonly type: 'result'; readonly id: number; readonly result: GeometryResult; readonly rssBytes: number }
  | { readonly type: 'memory'; readonly id: number };
