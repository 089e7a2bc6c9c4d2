// What a database keeps encrypted is not written to a file in plain by a cache of it.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openCacheManager } from '@cc/cache';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager } from '@cc/tx';
import { expect, onTestFinished, test } from 'vitest';

async function opened(encryptionKey: string | undefined) {
  const folder = await temporaryFolder();
  const path = join(folder, 'app.db');
  const transactions = await openTransactionManager({ url: pathToFileURL(path).href, encryptionKey });
  onTestFinished(() => transactions.close());
  return { transactions, folder };
}

test.each([true, 'elsewhere.cache', { maxBytes: 2 ** 20 }])('a disk tier is refused: %j', async (disk) => {
  const { transactions, folder } = await opened('a key of more than one word');
  expect(transactions.capabilities.encrypted).toBe(true);
  const place = disk === 'elsewhere.cache' ? join(folder, disk) : disk;
  await expect(openCacheManager({ transactions, disk: place })).rejects.toThrow(
    new TypeError('disk: the database is encrypted, and what is kept of it on disk would not be; leave disk out'),
  );
  expect((await readdir(folder)).filter((name) => name.includes('cache'))).toEqual([]);
});

test('memory serves it as any other', async () => {
  const { transactions } = await opened('a key of more than one word');
  const cache = await openCacheManager({ transactions });
  onTestFinished(() => cache.close());
  const region = cache.region<string>('words');
  await region.getOrLoad('1', async () => 'kept');
  expect(region.get('1')).toBe('kept');
});

test('one that is not encrypted says so', async () => {
  const { transactions } = await opened(undefined);
  expect(transactions.capabilities.encrypted).toBe(false);
});
