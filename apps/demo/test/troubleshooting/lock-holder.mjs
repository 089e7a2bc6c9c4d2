// Takes the write lock of a file, or reads an old state of it with `read`, until it is killed.
import { createClient } from '@libsql/client';

const [path = '', how = 'write'] = process.argv.slice(2);
const client = createClient({ url: `file:${path}` });
const transaction = await client.transaction(how === 'read' ? 'read' : 'write');
await transaction.execute('select count(*) from models');
process.stdout.write(`${process.pid}\n`);
// What nothing refers to any more is collected, and its lock with it.
setInterval(() => transaction.closed, 60_000);
