// The server of the page, from a request to its answer: security.ts asks who it is, routes.ts and contract.ts what it takes, the
// file of its topic (finding, showing, model-files, editing, work-lists, importing, health, events) asks the repositories, and
// problem.ts says in one form why something is not done. Commits reach the other open pages through feed.ts.

import { isUtf8 } from 'node:buffer';
import type { Http2Bindings, HttpBindings } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { editingRoutes } from './editing.js';
import { eventRoutes } from './events.js';
import { findingRoutes } from './finding.js';
import { healthRoutes, probeRoutes } from './health.js';
import { importingRoutes } from './importing.js';
import { fileRoutes } from './model-files.js';
import { packed } from './packed.js';
import { notFound, problemResponse, Refused, topic } from './problem.js';
import { login } from './routes.js';
import type { Security } from './security.js';
import { mediaTypeOf, securedResponse } from './security.js';
import type { Serving } from './serving.js';
import { showingRoutes } from './showing.js';
import { workListRoutes } from './work-lists.js';

const mostBodyBytes = 8 * 1024 * 1024;

/** The API as the client types it: `hc<Api>(…)` of hono/client. */
export type Api = ReturnType<typeof createApi>;

/** Makes the routes of the API. */
export function createApi(serving: Serving, security: Security) {
  return topic()
    .openapi(login, (c) => {
      security.logIn(c, c.req.valid('json').token);
      return c.body(null, 204);
    })
    .route('/', findingRoutes(serving))
    .route('/', showingRoutes(serving))
    .route('/', fileRoutes(serving))
    .route('/', editingRoutes(serving))
    .route('/', workListRoutes(serving))
    .route('/', importingRoutes(serving))
    .route('/', healthRoutes(serving))
    .route('/', eventRoutes(serving));
}

/** What a server answers with: the API, its description, the probes and the page. */
export interface App {
  /** `connection`: what the request came by, as @hono/node-server hands it on. */
  readonly fetch: (request: Request, connection: HttpBindings | Http2Bindings) => Response | Promise<Response>;
}

/** Makes the whole of it. `onError` hears of what is nobody's wrong request. */
export function createApp(
  serving: Serving,
  {
    security,
    page,
    onError,
  }: { readonly security: Security; readonly page: MiddlewareHandler; readonly onError: (error: unknown) => void },
): App {
  const api = createApi(serving, security);
  const description = api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Candy', version: '1', description: 'A library of 3D models.' },
  });
  const app = topic();
  app.onError((error, c) => {
    const response = problemResponse(error);
    // A page that is gone hears no answer, and its request was ended for that.
    if (response.status === 500 && !c.req.raw.signal.aborted) onError(error);
    return securedResponse(response);
  });
  const methodsOf = createMethods(description.paths ?? {});
  app.notFound((c) => {
    const allowed = methodsOf(c.req.path);
    if (allowed === null) return securedResponse(problemResponse(notFound('That address')));
    const refused = new Refused(405, 'METHOD', `That address takes ${allowed.join(', ')}. See /api/openapi.json.`);
    const response = problemResponse(refused);
    response.headers.set('allow', allowed.join(', '));
    return securedResponse(response);
  });
  app.use(security.guard);
  app.use('/api/*', packed);
  app.use('/api/*', async (c, next) => {
    if (c.req.path === '/api/uploads') return await next();
    const limit = bodyLimit({
      maxSize: mostBodyBytes,
      onError: () => {
        throw new Refused(413, 'TOO_LARGE', `A request may have ${mostBodyBytes} bytes: send it in parts.`);
      },
    });
    return await limit(c, async () => {
      if (mediaTypeOf(c) === 'application/json') refuseOtherThanUtf8(await c.req.arrayBuffer());
      await next();
    });
  });
  app.use('/api/*', async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  });
  app.get('/api/openapi.json', (c) => c.json(description));
  app.route('/', probeRoutes(serving));
  app.route('/', api);
  app.use(page);
  return { fetch: (request, connection) => app.fetch(request, connection) };
}

/** Of a body in another encoding, a name would be stored with the signs that stand for what cannot be read. @throws Refused 400 */
function refuseOtherThanUtf8(body: ArrayBuffer): void {
  if (!isUtf8(body)) throw new Refused(400, 'INVALID', 'The body is no UTF-8: send JSON in that encoding.');
}

/** Returns what tells which methods an address of the API takes; null for one that it does not have. */
function createMethods(paths: Readonly<Record<string, object>>): (path: string) => readonly string[] | null {
  const known = Object.entries(paths).map(([path, operations]) => {
    const methods = Object.keys(operations).map((method) => method.toUpperCase());
    return {
      path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      methods: methods.includes('GET') ? [...methods, 'HEAD'] : methods,
    };
  });
  return (path) => {
    const fitting = known.filter((each) => each.path.test(path));
    return fitting.length === 0 ? null : fitting.flatMap(({ methods }) => methods).sort();
  };
}
