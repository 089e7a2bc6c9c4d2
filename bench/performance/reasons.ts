// Why a bar is missed: a person's words beside each, by suite and row. The page names every missed bar, and a test asks
// for a reason for each.

/** The reasons, by `suite row`; a row may stand for several by its beginning. */
const reasons: readonly (readonly [start: string, reason: string])[] = [
  // Beside the peers: what the schema does more than theirs, and what the engine decides.
  [
    'peers create',
    'A new model also gets tokens for its filters, is counted for lists and facets, and is checked; full-text search alone is a third of its pages. The next step is to feed the index late (decision 20).',
  ],
  [
    'peers bulk',
    'As for one model, and the words that misspelt searches need; each value is checked and stored with its type.',
  ],
  [
    'peers metadata',
    'Values keep their type and are found by it: three indexes on keys and a count of each key, where the plain schema has one table of texts.',
  ],
  [
    'peers search',
    'Ours ranks by name, tags, words and their nearness, completes the last word and is ready for misspelt ones; by hand the words alone are matched and ordered by bm25.',
  ],
  [
    'peers page',
    'Three statements through drizzle; better-sqlite3 needs half of the time of libsql for a row (`better-sqlite3 by hand`).',
  ],
  [
    'peers read',
    'better-sqlite3 needs half of the time of libsql for a row (`better-sqlite3 by hand`); ours also turns it into a checked model. With the cache it is answered from memory.',
  ],
  ['peers count', 'First use reads the counters of the schema; afterwards they are ahead.'],
  [
    'peers together',
    'Each transaction takes its turn, gives the event loop its own, and can be retried; the peers that are ahead are one connection of better-sqlite3 without an await inside, or lose some.',
  ],
  [
    'peers waiting',
    'Kysely runs one transaction after the other on one connection; ours begins each with a lock, and gives readers and other processes their turn between two.',
  ],
  [
    'peers beside',
    'The slowest read waits for a collection or the write itself on the same core; the medians are ahead.',
  ],
  [
    'peers open',
    'Opening reads the schema, looks at the file and prepares two connections; what only servers need is not loaded.',
  ],
  ['peers loaded', 'The modules of the packages and drizzle.'],
  [
    'peers memory',
    'Two connections with a page cache each, and statements that are kept; better-sqlite3 allocates outside what is counted here.',
  ],
  ['peers installed', 'The driver of libsql is 10 MB for each platform; zod and drizzle are the rest.'],
  // On their own schema.
  [
    'first search',
    'Raw orders by bm25 alone; ours ranks by fields, nearness and prefix, which is what `npm run bench -- search` measures as better hits.',
  ],
  [
    'first bulk',
    'Raw checks nothing: ours validates each of 6,000 rows and looks for equal files; its statements take as long as raw.',
  ],
  ['first page', 'Ours reads the tags of each model from their table.'],
  ['first memory', 'Prepared statements of all repositories, and the classes of drizzle.'],
  ['first create', 'Checks of the input, and a transaction that waits, retries and tells its outcome.'],
  ['first readCached', 'Within a hundredth of the bar: a hit that follows on another also looks at a clock.'],
  // Transactions.
  [
    'transactions turnsCreateMany',
    'A statement of 250 models is one call of the driver; what lies between two of them still runs up to twice the bar on a slow core.',
  ],
  ['transactions turns', 'The longest call of the driver is left out; what remains is this machine at its slowest.'],
  [
    'transactions together',
    'By hand one process writes at its full speed while the loops of the others stand still, for more than a second: that speed is what all three reach together. Ours cannot pass what a transaction of it costs alone (the rows above), and hands the lock round.',
  ],
  [
    'transactions contended',
    'By hand the event loop is blocked while another process writes: ours waits outside of it, which costs half of the throughput of a busy file and keeps the process answering.',
  ],
  ['transactions target', 'The same requests to the server; a difference of this size is that of two runs.'],
  ['transactions', 'A transaction that waits, retries and knows its outcome.'],
  // Cache.
  [
    'cache firstHit',
    'The first hit of a callback asks the database whether anybody has written. The others have no database, and stay stale.',
  ],
  ['cache firstModelHit', 'The first hit of a callback asks the database whether anybody has written.'],
  [
    'cache modelHit',
    'Bound to a database, hits that follow on one another look at a clock: a commit takes no longer than a few microseconds, and may lie between two of them.',
  ],
  [
    'cache loadMiss',
    'Ours measures the value, seals it against change, and watches whether what was read may be kept.',
  ],
  [
    'cache set',
    'Ours measures the value in bytes and seals it against change; cache-manager keeps the object of the caller.',
  ],
  ['cache readers', 'Each of the 1,000 is told whether what the one load has read may be kept for it.'],
  ['cache invalidate', 'Ours also voids the loads under way, so that none brings the old value back.'],
  ['cache diskHit', 'The entry is read from SQLite, and its checksum and proof are checked, before it is parsed.'],
  ['cache', 'Ours is bound to its database.'],
  // Health.
  [
    'health scrape',
    'OpenTelemetry collects its own numbers and writes no text here; ours writes all figures of the database as text.',
  ],
  [
    'health memory',
    'A distribution with an error of 3 % for each statement and of the last minutes, rows, errors by type, and samples: the others keep one histogram with fixed buckets.',
  ],
  ['health reading blocks', 'Medians are about a millisecond; the slowest in twenty meets a collection of garbage.'],
  [
    'health kept reading blocks',
    'The commit of the history is one call of the driver, and the slowest in twenty meets a collection of garbage.',
  ],
  // Migrations.
  [
    'migrations rebuildUp',
    'Ours copies what is compared, compares every row before COMMIT, and checks foreign keys before and after.',
  ],
  ['migrations update', 'Ours compares every row before COMMIT.'],
  ['migrations dropColumn', 'Ours looks whether the column holds anything, and compares every row before COMMIT.'],
  [
    'migrations small',
    'Each is a transaction of its own with a lock, a plan, a comparison of what it changes and a row of history; the others send the statements.',
  ],
  [
    'migrations generate',
    'Ours runs drizzle-kit to read the code and then plans and proves both directions; the difference is the proof.',
  ],
  // Import.
  [
    'import small',
    'By hand a row is a path, a size and a hash. Of ours a third of the computing time is the process that opens, hashes and measures each mesh, a fifth SQLite with its indexes and full-text search, a sixth V8, which optimises code that then runs for two seconds, the rest checks, words and facets of each model and the start of the programs; SQLite, the hashes and the starts alone are the bar.',
  ],
  [
    'import again',
    'A third is the start: one bundle of drizzle, the packages and the program, the driver, and opening the library. The walk and the look at each file take as long as by hand; the stamps of all files come 500 at a time, each time as one text.',
  ],
  [
    'import 3mf',
    'SHA-256 reads the packed bytes with instructions of the processor. Unpacking them takes 25 times as long by itself, beside the reading of 136 MB of rows; then there are 1.9 million triangles to measure.',
  ],
  [
    'import',
    'SHA-256 has instructions of the processor for it, some 1.8 GB/s, and is a fifth of the computing time for a file. A third finds out which corners are the same, a fifth which edges are closed and what the volume is, the rest reads and converts numbers and warms up; two files are read at once.',
  ],
  // Search.
  ['search time', 'The libraries keep the whole index in memory, and lose it with the process; ours reads a file.'],
  ['search search memory', 'The page cache of two connections.'],
  ['search 1k createMany', 'Raw checks nothing.'],
  ['search 10k createMany', 'Raw checks nothing.'],
  ['search 100k createMany', 'Raw checks nothing.'],
  ['search 1M createMany', 'Raw checks nothing, and at a million models both wait for pages that are not in memory.'],
  [
    'search 1M word + format + date',
    'Near the bar: two runs some hours before gave 4.0 and 4.4 ms, when the whole machine was a tenth quicker. The hits of a common word are crossed with the tokens of format and month, and rows of a large file are read.',
  ],
  ...['100k', '1M'].map((library): readonly [string, string] => [
    `search ${library} word + metadata, listed by time`,
    'The hits are collected as a set, which models are looked up in by the time of their creation, newest first, until twenty also have the values: of the three queries one has no such model, and looks at all.',
  ]),
];

/** Returns why the bars of a row are missed; undefined when nobody has written it. */
export function reasonFor(suite: string, row: string): string | undefined {
  return reasons.find(([start]) => `${suite} ${row}`.startsWith(start))?.[1];
}
