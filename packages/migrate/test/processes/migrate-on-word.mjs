// Runs cc-migrate as its bin does, or drizzle-orm's migrator, each time that it is told to: several processes that are all
// loaded begin at the same moment. A line is what to run, as JSON: `cc-migrate` and its arguments, or `drizzle`, url and
// folder. The next one starts it, and is answered with how it ended. Started by races.
import { createInterface } from 'node:readline/promises';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { runProgram } from '../../dist/program.js';

const say = (line) => void process.stdout.write(`${line}\n`);
let next;

for await (const line of createInterface({ input: process.stdin })) {
  if (next === undefined) {
    next = JSON.parse(line);
    say('ready');
    continue;
  }
  const [program, ...args] = next;
  next = undefined;
  say(JSON.stringify(program === 'drizzle' ? await theirs(...args) : await ours(args)));
}

async function ours(args) {
  const said = [];
  const errors = [];
  const code = await runProgram(args, {
    version: '',
    env: {},
    print: (text) => void said.push(JSON.parse(text)),
    warn: (text) => void errors.push(`${text}\n`),
    ask: null,
    choose: null,
  });
  return { code, errors: errors.join(''), said };
}

async function theirs(url, migrationsFolder) {
  const client = createClient({ url });
  try {
    await migrate(drizzle(client), { migrationsFolder });
    return { code: 0, errors: '', said: [] };
  } catch (error) {
    return { code: 1, errors: `${error.cause?.message ?? error.message}\n`, said: [] };
  } finally {
    client.close();
  }
}
