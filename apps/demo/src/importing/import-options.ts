// What an import is told, of whole folders or of changes in them.
import type { GeometryReader } from '../geometry/reader.js';
import type { FileReport, Remark } from './import-report.js';

/** Options of `importFolders`. */
export interface ImportOptions {
  readonly geometry: GeometryReader;
  readonly signal: AbortSignal;
  /** Files to a transaction, at most. Default 1,000. */
  readonly batchSize?: number;
  /** How long read files wait for others before they are written: what a run that is killed loses. Default 500. */
  readonly batchAgeMs?: number;
  /** Patterns as in a `.candyignore`. Default none. */
  readonly ignore?: readonly string[];
  /** Whether files and folders whose names begin with a dot count. Default false. */
  readonly hidden?: boolean;
  /** Whether files that were refused are read again though nothing has changed. Default false. */
  readonly retry?: boolean;
  /** Whether a named folder that holds nothing has been emptied, rather than lost its disk. Default false. */
  readonly emptied?: boolean;
  /** Whether new models are tagged with the names of the folders between the named one and the file. Default false. */
  readonly tagsFromFolders?: boolean;
  /** Called with the number of files before the first one, then after each file; `report` is null for ignored files. */
  readonly onProgress?: (done: number, total: number, report: FileReport | null) => void;
  /** Called for each file once what became of it is in the library, and for what looks like a model and is passed over. */
  readonly onOutcome?: (report: Remark) => void;
}
