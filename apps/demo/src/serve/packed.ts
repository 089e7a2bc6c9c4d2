// Answers of the API in fewer bytes. They are whole when they leave their handler, so they are packed whole: a stream through
// the threads of zlib took four times the processor's time and several turns of the loop. Events and files go past.
import { gzip, gzipSync } from 'node:zlib';
import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Fewer bytes are one packet anyhow. */
const leastBytes = 1024;
/** Half a millisecond; more is packed beside the loop. */
const mostBytesHere = 128 * 1024;
/** Half the time of the usual 6, for a tenth more bytes. */
const level = 3;

/** Packs JSON for those who accept gzip. */
export const packed: MiddlewareHandler = async (c, next) => {
  const isWanted = c.req.method !== 'HEAD' && acceptsGzip(c.req.header('accept-encoding') ?? '');
  if (isWanted) packHere(c);
  await next();
  const { res } = c;
  if (!/^application\/(?:problem\+)?json\b/.test(res.headers.get('content-type') ?? '')) return;
  res.headers.set('vary', 'Accept-Encoding');
  if (!isWanted || res.headers.has('content-encoding')) return;
  const body = new Uint8Array(await res.arrayBuffer());
  const isSmall = body.length < leastBytes;
  c.res = new Response(isSmall ? body : await pack(body), res);
  if (isSmall) return;
  c.res.headers.delete('content-length');
  c.res.headers.set('content-encoding', 'gzip');
};

/** Packs what a handler answers as it is made: to read it out of a Response again took as long as packing it. */
function packHere(c: Context): void {
  const packedJson = (value: unknown, status?: ContentfulStatusCode, headers: Record<string, string> = {}) => {
    const text = JSON.stringify(value);
    if (text.length < leastBytes || text.length > mostBytesHere)
      return c.body(text, status, { ...headers, 'content-type': 'application/json' });
    const body = gzipSync(text, { level });
    return c.body(body, status, { ...headers, 'content-type': 'application/json', 'content-encoding': 'gzip' });
  };
  c.json = packedJson as unknown as typeof c.json;
}

/** Whether `gzip`, or anything, is accepted, and not with the weight 0 that refuses it. */
function acceptsGzip(accepted: string): boolean {
  const weights = new Map(
    accepted.split(',').map((each) => {
      const [name = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
      return [name, parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))] as const;
    }),
  );
  const isRefused = weights.get('gzip') ?? weights.get('*');
  return isRefused === false;
}

function pack(body: Uint8Array): Uint8Array | Promise<Uint8Array> {
  if (body.length <= mostBytesHere) return gzipSync(body, { level });
  return new Promise((resolve, reject) => {
    gzip(body, { level }, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}
