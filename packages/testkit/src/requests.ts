// How often work asks a server over HTTP, which is what it costs where the server is far away.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Returns how many requests of this process go over HTTP while `work` runs. */
export async function requestsOf(work: () => Promise<unknown>): Promise<number> {
  let requests = 0;
  const count = (): void => {
    requests += 1;
  };
  subscribe('http.client.request.start', count);
  try {
    await work();
  } finally {
    unsubscribe('http.client.request.start', count);
  }
  return requests;
}

/** The fewest requests of ten calls: where the loop takes a turn in the middle, what is asked together is sent apart. */
export async function fewestRequestsOf(call: (i: number) => Promise<unknown>): Promise<number> {
  const counts: number[] = [];
  for (let i = 0; i < 10; i += 1) counts.push(await requestsOf(() => call(i)));
  return Math.min(...counts);
}
