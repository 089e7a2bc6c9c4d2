// Does the work of random-plan.mjs on a library file from number `from` on, and says the number of each that is done, until
// it is killed. Runs the built package. Started by crash-loop.ts. Arguments: url, seed, from.
import { writeSync } from 'node:fs';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { createRepositories } from '../../dist/index.js';
import { perform, planOf, repeatable } from './random-plan.mjs';

const [url, seed, from] = process.argv.slice(2);
// Straight to the pipe: what waits in a buffer dies with the process.
const say = (line) => void writeSync(1, `${line}\n`);

const { begin, ...steady } = repeatable();
const transactions = await openTransactionManager({ url, schema, pragmas: { recursive_triggers: true } });
const library = { transactions, ...createRepositories(transactions, steady) };
say('ready');
for (let n = Number(from); ; n += 1) {
  begin(n);
  await perform(library, planOf(Number(seed), n));
  say(n);
}
