// Who may ask: the host that was meant (DNS rebinding), the page itself (CSRF), and whoever has the token where others can reach
// the server. And the headers that leave a browser nothing to do but what the page is made of.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { Refused } from './problem.js';

/** What is asked of every request. */
export interface SecurityOptions {
  /** Null: whoever reaches the server may ask, because only this machine does. */
  readonly token: string | null;
  /** The host names that it is called by, besides addresses and those of this machine. */
  readonly hosts?: readonly string[];
}

/** The guard in front of every route, and the door for those who have the token. */
export interface Security {
  readonly guard: MiddlewareHandler;
  /** Gives the browser a cookie that stands for the token. @throws Refused 401, 429 */
  logIn(c: Context, token: string): void;
}

/** Wrong tokens of one address in so much time; further ones are not even looked at, so that nobody finds it by trying. */
const mostFailures = 10;
const failuresWindowMs = 60_000;

/** Makes the guard of one server. */
export function createSecurity({ token, hosts = [] }: SecurityOptions, now: () => number = Date.now): Security {
  const names = new Set(['localhost', hostname().toLowerCase(), `${hostname().toLowerCase()}.local`, ...hosts]);
  // Not the token: whoever finds a cookie in a backup of a browser has it until the server ends, and no longer.
  const session = randomBytes(32).toString('base64url');
  // By address: whoever guesses locks out nobody else.
  const failures = new Map<string, { readonly since: number; readonly count: number }>();

  const isToken = (c: Context, given: string): boolean => {
    if (token === null) return true;
    const address = getConnInfo(c).remote.address ?? '';
    for (const [other, { since }] of failures) if (now() - since >= failuresWindowMs) failures.delete(other);
    const { since, count } = failures.get(address) ?? { since: now(), count: 0 };
    if (count >= mostFailures) throw new Refused(429, 'SLOWER', 'Too many attempts: wait a minute, then try again.');
    if (isSame(given, token)) return true;
    failures.set(address, { since, count: count + 1 });
    return false;
  };

  const isAllowed = (c: Context): boolean => {
    if (token === null) return true;
    const given = getCookie(c, cookieOf(c));
    if (given !== undefined && isSame(given, session)) return true;
    const bearer = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1];
    return bearer !== undefined && isToken(c, bearer);
  };

  return {
    async guard(c, next) {
      refuseOtherHost(c, names);
      refuseOtherSite(c);
      if (needsToken(c.req.path) && !isAllowed(c))
        throw new Refused(401, 'LOGIN', 'Log in with the token that the server was started with: POST /api/login.');
      await next();
      for (const [name, value] of Object.entries(headers)) if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    },
    logIn(c, given) {
      if (!isToken(c, given))
        throw new Refused(401, 'LOGIN', 'That is not the token. The server printed it when it was started.');
      setCookie(c, cookieOf(c), session, { httpOnly: true, sameSite: 'Strict', path: '/' });
    },
  };
}

/** Browsers give the cookies of a host to each of its ports: two libraries on one machine would take away each other's. */
function cookieOf(c: Context): string {
  const [port] = /:\d{1,5}$/.exec(c.req.header('host') ?? '') ?? [''];
  return `candy${port.replace(':', '-')}`;
}

/** The page holds nothing of the library, and has to be there to log in with; probes tell nothing but that they are well. */
function needsToken(path: string): boolean {
  return (path.startsWith('/api/') && path !== '/api/login') || path === '/metrics';
}

/** Compares in a time that tells nothing of where they differ, nor how long the secret is. */
function isSame(given: string, secret: string): boolean {
  const [a, b] = [given, secret].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/** A name that somebody else can point at this machine is refused; an address cannot be pointed. */
function refuseOtherHost(c: Context, names: ReadonlySet<string>): void {
  const host = c.req.header('host') ?? '';
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  const address = name.replace(/^\[(.*)\]$/, '$1');
  if (names.has(name.replace(/\.$/, '')) || isIP(address) > 0) return;
  throw new Refused(
    421,
    'HOST',
    'This server is not called by that name: use its address, or start it with --host <name>.',
  );
}

/** Nothing of the API is for other pages; writes have to come in a form that no other page can send without asking. */
function refuseOtherSite(c: Context): void {
  const isApi = c.req.path.startsWith('/api/') || c.req.path === '/metrics';
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const other = new Refused(403, 'FORBIDDEN', 'Other pages may not ask this server: open its own page.');
  if (isApi && site !== undefined && site !== 'same-origin' && site !== 'none') throw other;
  if ((isApi || !isRead) && origin !== undefined && !isOwn(origin, c.req.header('host') ?? '')) throw other;
  if (isRead) return;
  const type = mediaTypeOf(c);
  if (type === 'application/json' || type === 'application/octet-stream') return;
  if (type === '' && c.req.header('x-candy') !== undefined) return;
  throw new Refused(415, 'CONTENT_TYPE', 'Send JSON, or without a body the header x-candy: 1.');
}

/** What a body is said to be: in lower case, without its parameters; '' where nothing is said. */
export function mediaTypeOf(c: Context): string {
  return c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
}

function isOwn(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    // Textures inside a model file become blobs.
    "connect-src 'self' blob:",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** The headers of every answer; errors have them too. */
export function securedResponse(response: Response): Response {
  for (const [name, value] of Object.entries(headers))
    if (!response.headers.has(name)) response.headers.set(name, value);
  return response;
}
