// Every suite by its name: what `npm run bench -- <name>` runs.
import type { Suite } from '../harness/suite.js';
import { cache } from './cache.js';
import { first } from './first.js';
import { health } from './health.js';
import { imports } from './import.js';
import { migrations } from './migrations.js';
import { peers } from './peers.js';
import { search } from './search.js';
import { transactions } from './transactions.js';
import { tuning } from './tuning.js';

const suites: readonly Suite[] = [first, transactions, migrations, search, health, cache, imports, peers, tuning];

/** Returns the suite `name`. @throws TypeError that names the suites there are */
export function suiteNamed(name: string): Suite {
  const suite = suites.find((each) => each.name === name);
  if (suite) return suite;
  throw new TypeError(`No suite '${name}'. There are: ${suites.map((each) => each.name).join(', ')}`);
}
