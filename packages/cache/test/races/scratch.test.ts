import { test } from 'vitest';
import { stopClock } from './database.js';

stopClock();
const hr = () => Number(process.hrtime.bigint()) / 1e6;

import { everyOrder } from './orders.js';
import { runOrder, type WorldName, worlds } from './worlds.js';

const only = process.env['W'];
for (const name of Object.keys(worlds) as WorldName[]) {
  if (only && !name.includes(only)) continue;
  test(name, async () => {
    const out: string[] = [];
    for (let length = 1; length <= Number(process.env['N'] ?? 3); length += 1) {
      const t = hr();
      const { runs, found } = await everyOrder((choose) =>
        runOrder(worlds[name], length, (process.env['WAY'] ?? 'getOrLoad') as any, choose),
      );
      const ms = hr() - t;
      out.push(
        `${length}: ${runs} runs ${ms.toFixed(0)} ms, ${((ms / runs) * 1000).toFixed(0)} µs each ${found?.fault ?? 'ok'}`,
      );
      if (found) break;
    }
    process.stderr.write(`${name}\n  ${out.join('\n  ')}\n`);
  });
}
