// Another process that writes to a database when it is told to: each line is SQL, and what it has committed is said after it.
// "flood 100 <sql>" runs it so often, one commit after another.
// Usage: node other-writer.mjs <url>, where files are opened by the bare driver, servers by the stock client.
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import Database from 'libsql';

const [url] = process.argv.slice(2);

function open() {
  if (!url.startsWith('file:')) return createClient({ url });
  const database = new Database(fileURLToPath(url), { timeout: 60_000 });
  return { executeMultiple: (sql) => database.exec(sql), close: () => database.close() };
}

const client = open();
process.stdout.write('open\n');
for await (const sql of createInterface({ input: process.stdin })) {
  if (sql === 'end') break;
  const [, times = 1, each = sql] = /^flood (\d+) (.*)$/.exec(sql) ?? [];
  for (let i = 0; i < Number(times); i += 1) await client.executeMultiple(each);
  process.stdout.write('done\n');
}
client.close();
process.exit();
