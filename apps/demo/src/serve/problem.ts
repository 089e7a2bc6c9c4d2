// Answers that are none: every error becomes a problem document (RFC 9457) that says what to do next and shows nothing of the
// inside. Handlers throw `Refused`, or let through what the library throws.

import { isDatabaseError } from '@cc/tx/errors';
import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ZodError } from 'zod';
import type { Problem } from './contract.js';

/** A request that is not done, and why. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: ContentfulStatusCode;
  readonly code: string;
  /** What the document carries besides. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(
    status: ContentfulStatusCode,
    code: string,
    detail: string,
    more: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.more = more;
  }
}

/** Says that something is not there. */
export function notFound(what: string): Refused {
  return new Refused(
    404,
    'NOT_FOUND',
    `${what} is not in the library. It may have been removed meanwhile: look again.`,
  );
}

/** An API of one topic: what does not fit its schema is refused with the field that is wrong. */
export function topic(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.target, result.error);
    },
  });
}

function invalid(target: string, error: ZodError): Refused {
  const [issue] = error.issues;
  const place = [target, ...(issue?.path ?? [])].map(String).join('.');
  return new Refused(400, 'INVALID', `${place}: ${issue?.message ?? 'is not as described'}. See /api/openapi.json.`);
}

/** Runs a call of the library whose arguments a person has given: what it calls a wrong use is a wrong request. */
export async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TypeError) throw new Refused(400, 'INVALID', error.message);
    throw error;
  }
}

/** The answer to a request that failed. */
export function problemResponse(error: unknown): Response {
  const { status, code, detail, more } = refusalOf(error);
  const body: Problem = { type: 'about:blank', title: titles[status] ?? 'Refused', status, detail, code, ...more };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(status === 503 && { 'retry-after': '1' }),
    },
  });
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly more: Readonly<Record<string, unknown>>;
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused)
    return { status: error.status, code: error.code, detail: error.message, more: error.more };
  const more = {};
  if (error instanceof HTTPException)
    return {
      status: error.status,
      code: 'INVALID',
      detail: 'The request cannot be read: send well-formed JSON.',
      more,
    };
  if (isDatabaseError(error)) {
    const { code, type, hint } = error;
    const status = byCode[code] ?? byType[type];
    if (status !== undefined) return { status, code, detail: `${sentences[status]} ${hint}`.trim(), more };
  }
  if (error instanceof Error && 'code' in error && fullDisk.has(String(error.code)))
    return {
      status: 507,
      code: String(error.code),
      detail: `${sentences[507]} Free some space, then try again.`,
      more,
    };
  // What it was is for the log of whoever runs the server; whoever asks learns that it was not their fault.
  const detail =
    'Something went wrong here, and nothing was changed. Try again; if it comes again, see the health page.';
  return { status: 500, code: 'INTERNAL', detail, more };
}

/** What the system says of a file, such as an upload. */
const fullDisk: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

const byCode: Readonly<Record<string, number>> = {
  VERSION_CONFLICT: 409,
  DUPLICATE_FILE_PATH: 409,
  DUPLICATE_FILE_HASH: 409,
  DUPLICATE_ID: 409,
  DUPLICATE_TAG: 409,
  DUPLICATE_COLLECTION: 409,
  DUPLICATE_METADATA_KEY: 409,
  COLLECTION_CYCLE: 409,
  COLLECTION_TOO_DEEP: 409,
  MODEL_NOT_FOUND: 404,
  COLLECTION_NOT_FOUND: 404,
  SAVED_SEARCH_NOT_FOUND: 404,
};

const byType: Readonly<Record<string, number>> = {
  lock: 503,
  overload: 503,
  connection: 503,
  timeout: 503,
  closed: 503,
  aborted: 503,
  auth: 503,
  readonly: 409,
  full: 507,
};

const sentences: Readonly<Record<number, string>> = {
  404: 'It is not in the library.',
  409: 'It is not possible as the library is now.',
  503: 'The library does not answer at the moment.',
  507: 'The disk is full.',
};

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Log in first',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported content type',
  416: 'Range not satisfiable',
  421: 'Wrong host',
  422: 'Not possible',
  429: 'Too many attempts',
  500: 'Failed',
  503: 'Unavailable',
  507: 'Disk full',
};
