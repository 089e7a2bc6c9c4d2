// Ready handlers for probes, scrapes and people: for node:http, and for Hono and whatever else speaks Request and Response.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import type { ScrapeFormat } from '../metrics/metric.js';
import { healthJsonContentType } from '../report/health-json.js';
import { healthReportPage } from '../report/report-page.js';
import type { DatabaseHealthMonitor } from '../types.js';
import { scrapeContentTypes } from './prometheus-text.js';

/** Where the handlers answer. */
export interface HealthHandlerOptions {
  /** Such as `/internal`; it begins with a slash. Default: none, so that the paths are `/livez`, `/readyz`, `/health`, `/metrics`, `/report`, `/report.json`. */
  readonly basePath?: string | undefined;
}

type Monitor = Pick<
  DatabaseHealthMonitor,
  'livez' | 'readyz' | 'toHealthJson' | 'getHealthMetrics' | 'toPrometheus' | 'generateHealthReport'
>;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** The methods that are answered, for those that are not. */
  readonly allow?: string;
}

/** Returns a handler for `createServer` of node:http. It answers 404 to paths that are not its own. */
export function nodeHealthHandler(
  monitor: Monitor,
  options: HealthHandlerOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  const answer = answering(monitor, options);
  return (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const answered = answer(method, url, headers.accept).then((given) => {
      // Somebody has answered meanwhile, such as a time limit in front of this.
      if (response.headersSent || response.destroyed) return;
      response.writeHead(given.status, { ...headersOf(given), 'content-length': Buffer.byteLength(given.body) });
      response.end(request.method === 'HEAD' ? undefined : given.body);
    });
    // A response that takes no answer, such as one of a framework's own, must not end the process.
    answered.catch(() => response.destroy());
  };
}

/** Returns a handler for Hono: `app.get('/internal/*', honoHealthHandler(monitor, { basePath: '/internal' }))`. */
export function honoHealthHandler(
  monitor: Monitor,
  options: HealthHandlerOptions = {},
): (context: { readonly req: { readonly raw: Request } }) => Promise<Response> {
  const answer = answering(monitor, options);
  return async ({ req: { raw } }) => {
    const given = await answer(raw.method, new URL(raw.url).pathname, raw.headers.get('accept') ?? undefined);
    return new Response(raw.method === 'HEAD' ? null : given.body, {
      status: given.status,
      headers: headersOf(given),
    });
  };
}

/** The page has no scripts, and shows SQL text: nothing in it may become one. */
const usualHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
};

function headersOf({ type, allow }: Answer): Record<string, string> {
  return { ...usualHeaders, 'content-type': type, ...(allow !== undefined && { allow }) };
}

function answering(
  monitor: Monitor,
  options: HealthHandlerOptions,
): (method: string, url: string, accept: string | undefined) => Promise<Answer> {
  refuseUnknownOptions('health handler', options, ['basePath']);
  const { basePath: given = '' } = options;
  if (typeof given !== 'string' || !/^(?:\/[^?#]*)?$/.test(given))
    throw new TypeError("health handler: basePath must be a path that begins with '/', such as '/internal'");
  const basePath = given.replace(/\/+$/, '');
  return async (method, url, accept = '') => {
    // A proxy may ask for the whole URL.
    const [path = ''] = url.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/);
    const name = path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : '';
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
    if (!route) return text(404, 'There is nothing here');
    if (method !== 'GET' && method !== 'HEAD') return { ...text(405, 'Only GET and HEAD'), allow: 'GET, HEAD' };
    try {
      return await route(monitor, accept);
    } catch {
      // A monitor never fails for the database's sake; whatever else it is, a probe has its answer.
      return text(503, 'The monitor failed');
    }
  };
}

const routes: Readonly<Record<string, (monitor: Monitor, accept: string) => Answer | Promise<Answer>>> = {
  '/livez': (monitor) => (monitor.livez() ? text(200, 'ok') : text(503, 'not alive')),
  '/readyz': async (monitor) =>
    (await monitor.readyz()) ? text(200, 'ok') : text(503, 'the database does not answer'),
  '/health': (monitor) => {
    const { httpStatus, body } = monitor.toHealthJson();
    return { status: httpStatus, type: healthJsonContentType, body: JSON.stringify(body) };
  },
  '/metrics': async (monitor, accept) => {
    // What the format carries is read for it.
    await monitor.getHealthMetrics({ name: 'cc_health_status' });
    const format = wantedFormat(accept);
    return { status: 200, type: scrapeContentTypes[format], body: monitor.toPrometheus({ format }) };
  },
  '/report': async (monitor) => {
    const body = healthReportPage(await monitor.generateHealthReport());
    return { status: 200, type: 'text/html; charset=utf-8', body };
  },
  '/report.json': async (monitor) => {
    const body = JSON.stringify(await monitor.generateHealthReport());
    return { status: 200, type: 'application/json', body };
  },
};

/** OpenMetrics for whoever wants it at least as much as plain text, as Prometheus does by itself. */
function wantedFormat(accept: string): ScrapeFormat {
  const weights = accept.split(',').map((range): readonly [type: string, weight: number] => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((part) => part.startsWith('q='))?.slice(2);
    return [type, weight === undefined ? 1 : Number(weight) || 0];
  });
  const weightOf = (wanted: string): number =>
    Math.max(0, ...weights.filter(([type]) => type === wanted).map(([, weight]) => weight));
  const open = weightOf('application/openmetrics-text');
  return open > 0 && open >= weightOf('text/plain') ? 'openmetrics' : 'prometheus';
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}
