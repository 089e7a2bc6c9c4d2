// The questions and orders that the page sends to its server. Every call is typed by the contract that the server checks.
import type { Collection, Edit, Edited, ModelDetail, ModelsPage, SavedSearch } from '../../src/serve/contract.js';
import type {
  Analysis,
  Duplicates,
  HealthPage,
  ImportResult,
  ImportState,
  Job,
  LibrarySummary,
  WorkList,
} from '../../src/serve/contract-care.js';
import { missServer, whenHeard } from './events.js';
import { beginWaiting } from './patience.js';
import { problemFrom, wasLetIn } from './problem.js';

/** Reads a page of models. `question` is the query of the address. */
export function findModels(
  question: string,
  page: { readonly after: string | null; readonly limit: number; readonly facets: boolean },
): Promise<ModelsPage> {
  const query = new URLSearchParams(question);
  if (page.after !== null) query.set('after', page.after);
  query.set('limit', String(page.limit));
  if (page.facets) query.set('facets', 'true');
  return get(`/api/models?${query}`);
}

/** Reads how many models a question has in all. */
export async function countModels(question: string): Promise<number> {
  const query = new URLSearchParams(question);
  for (const name of ['sort', 'direction']) query.delete(name);
  return (await get<{ readonly models: number }>(`/api/count?${query}`)).models;
}

/** Reads the words that go on where the typed text ends. */
export function suggest(
  text: string,
  signal: AbortSignal,
): Promise<{ readonly items: readonly { readonly text: string; readonly models: number }[] }> {
  return get(`/api/suggestions?${new URLSearchParams({ q: text })}`, signal);
}

/** Reads everything about a model. */
export function readModel(id: string, signal: AbortSignal): Promise<ModelDetail> {
  return get(`/api/models/${encodeURIComponent(id)}`, signal);
}

/** Writes edits, all or none. */
export function sendEdits(edits: readonly Edit[]): Promise<Edited> {
  return send('POST', '/api/edits', { edits });
}

/** A collection and the names from the top to it. */
export interface PlacedCollection extends Collection {
  readonly path: readonly string[];
}

/** Reads all collections, each behind the one that it lies in. */
export async function readCollections(signal?: AbortSignal): Promise<readonly PlacedCollection[]> {
  const { items } = await get<{ readonly items: readonly Collection[] }>('/api/collections?inside=all', signal);
  const paths = new Map<string | null, readonly string[]>();
  return items.map((each) => {
    const path = [...(paths.get(each.parentId) ?? []), each.name];
    paths.set(each.id, path);
    return { ...each, path };
  });
}

/** Makes a collection at the top. */
export function makeCollection(input: {
  readonly name: string;
  readonly parentId?: string | null;
  readonly description?: string | null;
}): Promise<{ readonly id: string }> {
  return send('POST', '/api/collections', input);
}

/** Changes the name of a collection. */
export function renameCollection(id: string, name: string): Promise<null> {
  return send('PATCH', `/api/collections/${encodeURIComponent(id)}`, { name });
}

/** Removes a collection; its models stay. */
export function removeCollection(id: string): Promise<null> {
  return send('DELETE', `/api/collections/${encodeURIComponent(id)}`);
}

/** Reads the saved searches in the order of their names. */
export async function readSearches(signal?: AbortSignal): Promise<readonly SavedSearch[]> {
  const { items } = await get<{ readonly items: readonly SavedSearch[] }>('/api/searches', signal);
  return items;
}

/** Keeps the query of an address under a name. */
export function saveSearch(name: string, query: string): Promise<SavedSearch> {
  return send('PUT', `/api/searches/${encodeURIComponent(name)}`, { query });
}

/** Removes a saved search. */
export function removeSearch(name: string): Promise<null> {
  return send('DELETE', `/api/searches/${encodeURIComponent(name)}`);
}

/** Reads what the frame of the page shows. */
export function readSummary(signal?: AbortSignal): Promise<LibrarySummary> {
  return get('/api/library', signal);
}

/** Reads groups of equal models. */
export function readDuplicates(after: string | null, signal?: AbortSignal): Promise<Duplicates> {
  return get(`/api/duplicates${after === null ? '' : `?${new URLSearchParams({ after })}`}`, signal);
}

/** Reads models that could not be measured, or whose files are gone. */
export function readWork(kind: 'problems' | 'missing', after: string | null, signal?: AbortSignal): Promise<WorkList> {
  return get(`/api/${kind}${after === null ? '' : `?${new URLSearchParams({ after })}`}`, signal);
}

/** Takes models out of the library; their files stay. `undo` brings them back. */
export function forget(ids: readonly string[], present: boolean): Promise<{ readonly undo: string }> {
  return send('POST', '/api/forget', { ids, ...(present && { present }) });
}

/** Brings back what was forgotten. */
export function restore(undo: string): Promise<unknown> {
  return send('POST', '/api/restore', { undo });
}

/** Reads the files of these models again. */
export function retry(ids: readonly string[]): Promise<{ readonly id: string }> {
  return send('POST', '/api/retry', { ids });
}

/** Imports a folder of the server's machine, or files that were uploaded. */
export function beginImport(
  what: { readonly folder: string; readonly tagsFromFolders: boolean } | { readonly uploads: readonly string[] },
): Promise<{ readonly id: string }> {
  return send('POST', '/api/imports', what);
}

/** What became of an uploaded file: the name that it has now, and whether that is another one because other content has its own. */
export interface Uploaded {
  readonly upload: string;
  readonly isRenamed: boolean;
}

/** Uploads one file under a name that may have folders. */
export async function upload(name: string, file: Blob, signal: AbortSignal): Promise<Uploaded> {
  const response = await ask(`/api/uploads?${new URLSearchParams({ name })}`, {
    method: 'POST',
    signal,
    headers: { accept: 'application/json', 'content-type': 'application/octet-stream' },
    body: file,
  });
  if (!response.ok) throw await problemFrom(response);
  return (await response.json()) as Uploaded;
}

/** Reads the imports since the server began, the newest first. */
export async function readImports(signal?: AbortSignal): Promise<readonly ImportState[]> {
  const { items } = await get<{ readonly items: readonly ImportState[] }>('/api/imports', signal);
  return items;
}

/** Reads an import with what became of each file. */
export function readImport(id: string, signal?: AbortSignal): Promise<ImportResult> {
  return get(`/api/imports/${encodeURIComponent(id)}`, signal);
}

/** Ends an import; what was read up to then stays. */
export function stopImport(id: string): Promise<null> {
  return send('DELETE', `/api/imports/${encodeURIComponent(id)}`);
}

/** Exchanges the token of the server for a cookie. @throws AnswerProblem */
export function logIn(token: string): Promise<null> {
  return send('POST', '/api/login', { token });
}

/** How far back the charts of health go. */
export type ChartRange = 'hour' | 'day' | 'week';

/** Reads how the library is. */
export function readHealth(range: ChartRange, signal?: AbortSignal): Promise<HealthPage> {
  return get(`/api/health?range=${range}`, signal);
}

/** Notes that somebody has taken an alert on. */
export function acknowledge(id: string): Promise<null> {
  return send('POST', `/api/health/alerts/${encodeURIComponent(id)}/acknowledge`, {});
}

/** Asks how a statement runs, and what would help. */
export function analyze(statement: string): Promise<Analysis> {
  return send('POST', '/api/health/analyze', { statement });
}

/** Begins work on the whole library. */
export function beginJob(kind: Job['kind']): Promise<{ readonly id: string }> {
  return send('POST', '/api/jobs', { kind });
}

/** Reads the jobs since the server began, the newest first. */
export async function readJobs(signal?: AbortSignal): Promise<readonly Job[]> {
  const { items } = await get<{ readonly items: readonly Job[] }>('/api/jobs', signal);
  return items;
}

/** `fetch`, which is refused with a TypeError where no server answers: then the page has to know that. */
async function ask(path: string, request: RequestInit): Promise<Response> {
  await whenHeard();
  const end = path.startsWith('/api/uploads') ? null : beginWaiting();
  try {
    return await fetch(path, request);
  } catch (error) {
    if (error instanceof TypeError) missServer();
    throw error;
  } finally {
    end?.();
  }
}

/** Asks the server. @throws AnswerProblem */
async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await ask(path, { signal: signal ?? null, headers: { accept: 'application/json' } });
  if (!response.ok) throw await problemFrom(response);
  wasLetIn.value = true;
  return (await response.json()) as T;
}

/** Sends the server an order. @throws AnswerProblem */
async function send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await ask(path, {
    method,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    ...(text !== undefined && { body: text }),
    keepalive: text !== undefined && isKeptAlive(text),
  });
  if (!response.ok) throw await problemFrom(response);
  // An order that has nothing to say is answered with 204.
  return (response.status === 204 ? null : await response.json()) as T;
}

/** Whether edits that are sent when the page is left, as those of a field are, go on without it. */
export function outlivePage(edits: readonly Edit[]): boolean {
  return isKeptAlive(JSON.stringify({ edits }));
}

/** The browser sends no more than 64 KiB so; a character has three bytes at most. */
function isKeptAlive(text: string): boolean {
  return text.length < 16_384;
}
