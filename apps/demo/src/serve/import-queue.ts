// Imports, one after another: they belong to the server, not to the page that began them. Each is kept with what became of its files.
import { openGeometryReader } from '../geometry/reader.js';
import { type ImportOptions, type ImportReport, importFolders } from '../importing/import-folders.js';
import type { FileReport, Remark } from '../importing/import-report.js';
import { ImportStopped } from '../importing/import-report.js';
import type { Library } from '../library.js';
import type { ImportResult, ImportState } from './contract-care.js';
import type { Feed } from './feed.js';

/** What to import. */
export interface Import {
  readonly paths: readonly string[];
  /** For people. */
  readonly what: string;
  readonly options?: Pick<ImportOptions, 'retry' | 'tagsFromFolders' | 'emptied'>;
}

/** The imports of a server. */
export interface ImportQueue {
  /** Begins one, or puts it behind those that wait, and returns its id. */
  add(wanted: Import): string;
  /** The newest first. */
  list(): readonly ImportState[];
  read(id: string): ImportResult | null;
  /** Ends it after the batch under way. False when there is none of that id. */
  stop(id: string): boolean;
  /** Stops all and resolves when what was read is written. */
  close(): Promise<void>;
}

const mostFiles = 10_000;
const mostKept = 50;
const tellEveryMs = 200;

interface Entry extends Import {
  readonly state: ImportState;
  readonly files: Remark[];
  readonly end: AbortController;
  more: number;
}

/** Opens the queue of imports. */
export function openImportQueue(library: Library, feed: Feed, now: () => Date = () => new Date()): ImportQueue {
  const entries: Entry[] = [];
  let last: Promise<void> = Promise.resolve();
  let count = 0;
  let isClosed = false;

  const run = async (entry: Entry): Promise<void> => {
    const { state, end, paths, options } = entry;
    const tell = (): void => feed.publish('import', { ...state, counts: { ...state.counts } });
    const finish = (how: ImportState['state'], problem: string | null): void => {
      Object.assign(state, { state: how, endedAt: now().toISOString(), problem });
      tell();
    };
    if (end.signal.aborted) return finish('stopped', null);
    Object.assign(state, { state: 'running', startedAt: now().toISOString() });
    tell();
    let toldAt = performance.now();
    const onProgress = (done: number, total: number, report: FileReport | null): void => {
      Object.assign(state, { done, total });
      if (report !== null) note(entry, report);
      else if (done > 0) state.ignored += 1;
      if (performance.now() - toldAt < tellEveryMs && done > 0) return;
      toldAt = performance.now();
      tell();
    };
    try {
      await using geometry = await openGeometryReader();
      const report = await importFolders(library, paths, { ...options, geometry, signal: end.signal, onProgress });
      settle(entry, report);
      finish(report.interrupted ? 'stopped' : 'done', null);
    } catch (error) {
      if (error instanceof ImportStopped) settle(entry, error.report);
      finish('failed', reasonOf(error));
    }
  };

  return {
    add(wanted) {
      count += 1;
      const id = String(count);
      const { what } = wanted;
      const idle = { done: 0, total: null, counts: {}, ignored: 0, startedAt: null, endedAt: null, problem: null };
      const end = new AbortController();
      if (isClosed) end.abort();
      const entry: Entry = { ...wanted, state: { id, state: 'queued', what, ...idle }, files: [], end, more: 0 };
      entries.unshift(entry);
      forgetEnded(entries);
      feed.publish('import', { ...entry.state });
      last = last.then(() => run(entry));
      return id;
    },
    list: () => entries.map(({ state }) => state),
    read(id) {
      const entry = entries.find(({ state }) => state.id === id);
      return entry === undefined ? null : { ...entry.state, files: [...entry.files], more: entry.more };
    },
    stop(id) {
      const entry = entries.find(({ state }) => state.id === id);
      entry?.end.abort();
      return entry !== undefined;
    },
    async close() {
      isClosed = true;
      for (const { end } of entries) end.abort();
      await last;
    },
  };
}

/** One that waits or runs stays, however many there are: it was promised, and it must be there to be stopped. */
function forgetEnded(entries: Entry[]): void {
  for (let at = entries.length - 1; at >= mostKept; at -= 1)
    if (entries[at]?.state.endedAt !== null) entries.splice(at, 1);
}

/** What became of a file, as it goes on. */
function note({ state, files }: Entry, report: FileReport): void {
  const { counts } = state;
  counts[report.outcome] = (counts[report.outcome] ?? 0) + 1;
  if (report.outcome === 'unchanged') return;
  files.push(report);
  if (files.length > mostFiles) files.shift();
}

/** The sums at the end, which also know of missing models and of what could not be written. */
function settle(entry: Entry, { counts, ignored, remarks }: ImportReport): void {
  Object.assign(entry.state.counts, counts);
  entry.state.ignored = ignored;
  const told = new Set(entry.files.map(({ path, outcome }) => `${outcome} ${path}`));
  entry.files.push(...remarks.filter(({ path, outcome }) => !told.has(`${outcome} ${path}`)));
  entry.files.splice(0, entry.files.length - mostFiles);
  const listed = Object.entries(counts).reduce((sum, [outcome, n]) => (outcome === 'unchanged' ? sum : sum + n), 0);
  entry.more = Math.max(0, listed - entry.files.length);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
