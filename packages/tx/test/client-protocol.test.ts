// `$client.protocol`, by which tools decide what they may ask for: settings of a local file, or a server's own way.
import { createClient } from '@libsql/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTarget, targets } from './target.js';

describe.each(targets)('$client.protocol on %s', (target) => {
  it('is that of the stock client, also in a transaction', async () => {
    const manager = await openTarget(target);
    const stock = createClient({ url: manager.url });
    onTestFinished(() => stock.close());
    expect(manager.db.$client.protocol).toBe(stock.protocol);
    await manager.transaction(async (tx) => expect(tx.db.$client.protocol).toBe(stock.protocol));
  });
});
