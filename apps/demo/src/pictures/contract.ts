// What is promised of the pictures of models; `pictures.ts` opens them.
// Used by `candy show --image` and by the server of the page.
import type { URL } from 'node:url';
import type { Model } from '@cc/schema';
import type { Timer } from '../geometry/options.js';

/** A picture of a model. */
export interface Picture {
  readonly bytes: Uint8Array;
  readonly type: 'image/png' | 'image/jpeg';
  /** Pixels. A picture that is drawn has 256 each way; one that a 3MF brings along has what its writer gave it. */
  readonly width: number;
  readonly height: number;
  /** The file that keeps it, until others need its room; null when it is not kept. */
  readonly path: string | null;
}

/** What of a model decides about its picture: any model that the repositories return will do. */
export type PicturedModel = Pick<Model, 'filePath' | 'fileHash' | 'fileStamp' | 'parseStatus'>;

/** The pictures of a library's models. They are drawn in a process of their own, one after another, and kept. */
export interface Pictures extends AsyncDisposable {
  /**
   * Returns the picture of a model: the one kept for its content, else the one that its 3MF file brings along, else a
   * drawing of its triangles or points, with Z up (in glTF Y), on a transparent ground.
   *
   * Null when there is none: its file is gone or is other than it was imported, could not be measured and brings none
   * along, or takes too long. What is kept is shown whatever became of the file. Calls at the same time share one drawing.
   * A place where nothing can be kept is no failure: it is drawn each time.
   * @throws the reason of `signal` when it fires; Error when the pictures are closed or the process cannot be started.
   */
  picture(model: PicturedModel, o?: { readonly signal?: AbortSignal | undefined }): Promise<Picture | null>;
  /** Ends the process. Calls that wait fail. */
  close(): Promise<void>;
}

/** Options of `openPictures`. */
export interface PicturesOptions {
  /** Where pictures are kept; made when the first one is. `picturesFolder` names the usual place. */
  readonly folder: string;
  /**
   * How many bytes are kept; beyond it those go that were not asked for the longest. Default 256 MiB, 0 keeps none. Of
   * several programs on one folder each makes room for what it adds itself.
   */
  readonly maxBytes?: number | undefined;
  /** How long drawing one may take before it is given up. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Calls `ring` after `ms` unless the function that it returns was called before. Default: `setTimeout`. */
  readonly timer?: Timer | undefined;
  /** The built entry of the process that draws. Default: the one of this build, or of `dist` when run from sources. */
  readonly childEntry?: URL | undefined;
}
