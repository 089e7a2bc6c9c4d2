// Runs cc-migrate as its bin does, or drizzle-orm's migrator, once it is told to: several processes that are all loaded
// begin at the same moment. Arguments: `cc-migrate` and its own, or `drizzle <url> <folder>`. Started by races.
import { once } from 'node:events';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { runProgram } from '../../dist/program.js';

const [program, ...args] = process.argv.slice(2);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();
process.exitCode = program === 'drizzle' ? await theirs(...args) : await ours();

async function ours() {
  return await runProgram(args, {
    version: '',
    env: {},
    print: (text) => void process.stdout.write(`${JSON.stringify(JSON.parse(text))}\n`),
    warn: (text) => void process.stderr.write(`${text}\n`),
    ask: null,
    choose: null,
  });
}

async function theirs(url, migrationsFolder) {
  const client = createClient({ url });
  try {
    await migrate(drizzle(client), { migrationsFolder });
    return 0;
  } catch (error) {
    process.stderr.write(`${error.cause?.message ?? error.message}\n`);
    return 1;
  } finally {
    client.close();
  }
}
