// GET /api/events: the feed as server-sent events, with a heartbeat so that proxies and pages know that it lives.
import { Refused, topic } from './problem.js';
import { listen } from './routes.js';
import type { Serving } from './serving.js';

const heartbeatMs = 15_000;
const mostListeners = 200;
/** Bytes that a page may leave unread before its connection is closed: it comes back and gets what it missed. */
const mostUnread = 1 << 20;
const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };

/** The routes of events. */
export function eventRoutes({ feed }: Serving) {
  return topic().openapi(listen, (c) => {
    if (feed.listeners >= mostListeners)
      throw new Refused(503, 'OVERLOAD', 'Too many pages are open: close some of them.');
    // Nobody would read the stream, nor end it.
    if (c.req.method === 'HEAD') return new Response(null, { headers });
    const { 'last-event-id': lastId } = c.req.valid('header');
    const encoder = new TextEncoder();
    let end = (): void => {};
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          const send = (text: string): void => {
            controller.enqueue(encoder.encode(text));
            if ((controller.desiredSize ?? 0) < 0) close();
          };
          const heartbeat = setInterval(() => send(': still here\n\n'), heartbeatMs).unref();
          let isOpen = true;
          end = () => {
            isOpen = false;
            clearInterval(heartbeat);
            leave();
          };
          const close = (): void => {
            if (!isOpen) return;
            end();
            controller.close();
          };
          let leave = (): void => {};
          send('retry: 1000\n\n');
          leave = feed.listen(
            lastId,
            ({ id, name, data }) => send(`id: ${id}\nevent: ${name}\ndata: ${data}\n\n`),
            close,
          );
          // It was too much for the page already.
          if (!isOpen) leave();
        },
        cancel: () => end(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: mostUnread }),
    );
    return new Response(body, { headers });
  });
}
