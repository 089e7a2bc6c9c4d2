// A way to a server on which the answer to a COMMIT can be lost.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Sqld } from './sqld.js';

/** A proxy before a server, for HTTP. */
export interface LosingProxy {
  readonly url: string;
  /**
   * Cuts the line at the next COMMIT: before the server gets it, or after it took effect. What is sent after that reaches the
   * server when `until` has settled.
   */
  readonly loseCommit: (when: 'before' | 'after', until?: Promise<unknown>) => void;
  /** COMMITs that were lost. */
  readonly lost: () => number;
}

/** Passes bytes on to the server, and loses the answer to the next COMMIT when it is told to. */
export async function losingProxy(sqld: Sqld): Promise<LosingProxy> {
  const { hostname, port } = new URL(sqld.url.http);
  let armed: 'before' | 'after' | undefined;
  let lost = 0;
  let held: Promise<unknown> | undefined;
  const sockets = new Set<Socket>();
  const proxy: Server = createServer((down) => {
    const up = connect(Number(port), hostname);
    sockets.add(down).add(up);
    for (const socket of [down, up]) socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let cut = false;
    const pass = (chunk: Buffer): void => {
      const commits = armed !== undefined && /"COMMIT"/.test(chunk.toString('latin1'));
      if (commits) {
        lost += 1;
        cut = true;
        const before = armed === 'before';
        armed = undefined;
        if (before) {
          down.destroy();
          up.destroy();
          return;
        }
      }
      up.write(chunk);
    };
    down.on('data', (chunk: Buffer) => {
      if (held === undefined || armed !== undefined) {
        pass(chunk);
        return;
      }
      // What comes next stays here, in its order.
      down.pause();
      const goOn = (): void => {
        pass(chunk);
        down.resume();
      };
      held.then(goOn, goOn);
    });
    up.on('data', (chunk) => {
      if (cut) down.destroy();
      else down.write(chunk);
    });
    up.on('error', () => down.destroy());
    up.on('end', () => down.end());
    down.on('end', () => up.end());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const loseCommit: LosingProxy['loseCommit'] = (when, until) => {
    armed = when;
    held = until;
  };
  return { url: `http://127.0.0.1:${address.port}`, loseCommit, lost: () => lost };
}
