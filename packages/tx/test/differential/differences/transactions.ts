// Differences in what belongs to a transaction.
import { people } from '../tables.js';
import { type Difference, directed, has } from './difference.js';

/** What a call inside or beside a transaction sees. */
export const transactionDifferences: readonly Difference[] = [
  {
    id: 'ambient',
    call: '`db` itself, inside the callback of `db.transaction`',
    stock: 'another connection: it does not see the rows of the transaction, and a write fails with SQLITE_BUSY',
    ours: 'joins the transaction of its context',
    reason: 'a service need not be told whether its caller has a transaction',
    targets: ['file'],
    applies: ({ call }) => has(call, 'ambient'),
    provoke: [
      directed('count through db', ['ambient'], (root) =>
        root.transaction(async (tx) => {
          await tx.insert(people).values({ name: 'zoe' });
          return root.$count(people);
        }),
      ),
    ],
  },
];
