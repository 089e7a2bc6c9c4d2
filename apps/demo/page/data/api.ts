// The questions and orders that the page sends to its server. Every call is typed by the contract that the server checks.
import type {
  Collection,
  Edit,
  Edited,
  ModelDetail,
  ModelsPage,
  SavedSearch,
} from '../../src/serve/contract.js';
import { problemFrom } from './problem.js';

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

/** Reads all collections. */
export async function readCollections(signal?: AbortSignal): Promise<readonly Collection[]> {
  const { items } = await get<{ readonly items: readonly Collection[] }>('/api/collections', signal);
  return items;
}

/** Reads the saved searches in the order of their names. */
export async function readSavedSearches(signal?: AbortSignal): Promise<readonly SavedSearch[]> {
  const { items } = await get<{ readonly items: readonly SavedSearch[] }>('/api/saved-searches', signal);
  return items;
}

/** Asks the server. @throws AnswerProblem */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal: signal ?? null, headers: { accept: 'application/json' } });
  if (!response.ok) throw await problemFrom(response);
  return (await response.json()) as T;
}

/** Sends the server an order. @throws AnswerProblem */
export async function send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!response.ok) throw await problemFrom(response);
  // An order that has nothing to say is answered with 204.
  return (response.status === 204 ? null : await response.json()) as T;
}
