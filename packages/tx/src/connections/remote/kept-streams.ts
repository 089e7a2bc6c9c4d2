// Streams over HTTP that outlive their statement. @libsql/client opens one for each statement outside a transaction, and that
// takes a server two to four times as long as the statement: it is a new connection, which reads the schema. http-fetch.ts
// sends through here.
import { performance } from 'node:perf_hooks';
import { asksEveryColumn } from '../../statements/every-column.js';

/** What a server answered. */
export interface StreamAnswer {
  readonly status: number;
  readonly text: string;
}

/** An answer as the client is to read it. */
export interface AloneAnswer extends StreamAnswer {
  /** Of `text`, as if the stream had been closed. Absent where nothing was changed. */
  readonly json?: unknown;
}

interface Kept {
  readonly baton: string;
  readonly usedAt: number;
}

interface PipelineAnswer {
  readonly baton?: unknown;
  readonly base_url?: unknown;
  readonly results: readonly unknown[];
}

// Servers end a stream that has waited for 10 s.
const serverKeepsMs = 10_000;
const keptMs = 4_000;
// As many statements at once as most programs send; more are sent on streams of their own.
const most = 4;
// Taking a long body apart would cost more than is won.
const longestBody = 65_536;

const opening = '{"requests":[';
const closing = ',{"type":"close"}]}';
const closeAlone = '{"type":"close"}';

/** The idle streams of one server. */
export class KeptStreams {
  readonly #idle: Kept[] = [];
  /** Streams that a statement is on and that are kept after it. */
  #inUse = 0;
  #ended = false;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Sends the one statement of `body` on a stream that was kept, or on a new one that is; undefined for any other body, and while
   * as many are in use as are kept: one that is neither closed nor used again would take a connection of the server for 10 s.
   */
  async send(body: Buffer, post: (body: Buffer) => Promise<StreamAnswer>): Promise<AloneAnswer | undefined> {
    const request = aloneIn(body);
    if (request === undefined) return undefined;
    const kept = this.#take();
    if (kept === undefined && this.#inUse >= most) return undefined;
    this.#inUse += 1;
    try {
      const answer = await post(bodyOf(request, kept?.baton));
      // A stream that has ended meanwhile has run nothing.
      return kept && hasEnded(answer) ? this.#keep(await post(bodyOf(request, undefined))) : this.#keep(answer);
    } finally {
      this.#inUse -= 1;
    }
  }

  /**
   * Ends the idle streams, and keeps none from here on: a server has 128 connections for everybody, and without a word it holds
   * one for each stream for 10 s. Resolves when it has answered, whatever that is.
   */
  async end(post: (body: Buffer) => Promise<unknown>): Promise<void> {
    this.#ended = true;
    const idle = this.#idle.splice(0).filter(({ usedAt }) => this.#now() - usedAt < serverKeepsMs);
    await Promise.allSettled(idle.map(({ baton }) => post(bodyOf(closeAlone, baton))));
  }

  #take(): Kept | undefined {
    // The one that was used last waits the shortest.
    const kept = this.#idle.pop();
    if (kept && this.#now() - kept.usedAt < keptMs) return kept;
    this.#idle.length = 0;
    return undefined;
  }

  #keep(answer: StreamAnswer): AloneAnswer {
    const read = answer.status === 200 ? pipelineAnswerOf(answer.text) : undefined;
    if (!read) return answer;
    const { baton, base_url: elsewhere } = read;
    // One that goes on at another address is left to end.
    const isHere = elsewhere === null || elsewhere === undefined;
    if (typeof baton === 'string' && isHere && !this.#ended) this.#idle.push({ baton, usedAt: this.#now() });
    const results = [...read.results, { type: 'ok', response: { type: 'close' } }];
    return { ...answer, json: { ...read, baton: null, results } };
  }
}

/** The request of a body that runs one statement, which leaves its connection as it was, and closes its stream. */
function aloneIn(body: Buffer): string | undefined {
  if (body.length > longestBody) return undefined;
  const text = body.toString('utf8');
  if (!text.startsWith(opening) || !text.endsWith(closing)) return undefined;
  const request = text.slice(opening.length, -closing.length);
  const sql = sqlOf(request);
  if (sql === undefined || !leavesNothing.test(sql)) return undefined;
  // A connection that has prepared a text with a star goes on with the columns that were there then, whoever adds one meanwhile.
  return asksConnection.test(sql) || asksEveryColumn(sql) ? undefined : request;
}

function sqlOf(request: string): string | undefined {
  try {
    const { type, stmt } = JSON.parse(request) as {
      readonly type?: unknown;
      readonly stmt?: { readonly sql?: unknown };
    };
    return type === 'execute' && typeof stmt?.sql === 'string' ? stmt.sql : undefined;
  } catch {
    // More than one request.
    return undefined;
  }
}

const leavesNothing = /^\s*(?:select|values|with|insert|replace|update|delete)\b/i;
/** What a new connection answers otherwise. */
const asksConnection = /\b(?:changes|total_changes|last_insert_rowid)\s*\(/i;

function bodyOf(request: string, baton: string | undefined): Buffer {
  return Buffer.from(`{${baton === undefined ? '' : `"baton":${JSON.stringify(baton)},`}"requests":[${request}]}`);
}

/** In the words of sqld, and of Turso's servers. */
function hasEnded(answer: StreamAnswer): boolean {
  return isNotFound(answer) || (answer.status === 400 && /\bbaton\b|STREAM_EXPIRED/.test(answer.text));
}

/** Turso's servers have ended the stream of the request (https://github.com/tursodatabase/libsql/issues/2083). */
export function isNotFound({ status, text }: StreamAnswer): boolean {
  return status === 404 && /\bstream not found\b/i.test(text);
}

function pipelineAnswerOf(text: string): PipelineAnswer | undefined {
  try {
    const read = JSON.parse(text) as Partial<PipelineAnswer> | null;
    return Array.isArray(read?.results) ? { ...read, results: read.results } : undefined;
  } catch {
    // The client says what it makes of it.
    return undefined;
  }
}
