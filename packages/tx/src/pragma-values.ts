// Refuses pragmas that SQLite would pass over or take for something else without a word: a misspelt name, `foreign_keys: 'yess'`,
// which is off, `synchronous: 7`, which is too. options.ts asks.
import { refuseUnknownOptions } from './known-options.js';
import { holdsValues } from './plain-object.js';

/** Values of `PRAGMA name = value`. */
export type Pragmas = Readonly<Record<string, string | number | boolean>>;

/** What a pragma takes, for people, and whether a value is that. */
interface Kind {
  readonly takes: string;
  readonly allows: (value: unknown) => boolean;
}

const words = (...names: readonly string[]): Kind => ({
  takes: names.map((name) => (/^\d/.test(name) ? name : `'${name}'`)).join(', '),
  allows: (value) => typeof value !== 'boolean' && names.includes(String(value).toUpperCase()),
});

const integer = (from: number): Kind => ({
  takes: from === 0 ? 'a whole number of at least 0' : 'a whole number',
  allows: (value) =>
    (typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value))) &&
    Number.isSafeInteger(Number(value)) &&
    Number(value) >= from,
});

const switched = words('ON', 'OFF', 'YES', 'NO', 'TRUE', 'FALSE', '1', '0');
const flag: Kind = {
  takes: 'true or false',
  allows: (value) => typeof value === 'boolean' || switched.allows(value),
};

const either = (one: Kind, other: Kind): Kind => ({
  takes: `${one.takes}, or ${other.takes}`,
  allows: (value) => one.allows(value) || other.allows(value),
});

const all = <const N extends string>(names: readonly N[], kind: Kind): Readonly<Record<string, Kind>> =>
  Object.fromEntries(names.map((name) => [name, kind]));

const anyInteger = integer(Number.MIN_SAFE_INTEGER);

/** https://sqlite.org/pragma.html, as far as it is set for a connection or a file. */
const kinds: Readonly<Record<string, Kind>> = {
  ...all(['automatic_index', 'case_sensitive_like', 'cell_size_check', 'checkpoint_fullfsync', 'foreign_keys'], flag),
  ...all(['full_column_names', 'fullfsync', 'ignore_check_constraints', 'legacy_alter_table'], flag),
  ...all(['read_uncommitted', 'recursive_triggers', 'reverse_unordered_selects', 'short_column_names'], flag),
  ...all(['trusted_schema', 'writable_schema'], flag),
  ...all(
    ['analysis_limit', 'hard_heap_limit', 'max_page_count', 'mmap_size', 'soft_heap_limit', 'threads'],
    integer(0),
  ),
  ...all(['application_id', 'cache_size', 'journal_size_limit', 'user_version', 'wal_autocheckpoint'], anyInteger),
  auto_vacuum: words('NONE', 'FULL', 'INCREMENTAL', '0', '1', '2'),
  cache_spill: either(flag, anyInteger),
  journal_mode: words('WAL', 'DELETE', 'TRUNCATE', 'PERSIST', 'MEMORY'),
  page_size: words('512', '1024', '2048', '4096', '8192', '16384', '32768', '65536'),
  secure_delete: either(flag, words('FAST')),
  synchronous: words('OFF', 'NORMAL', 'FULL', 'EXTRA', '0', '1', '2', '3'),
  temp_store: words('DEFAULT', 'FILE', 'MEMORY', '0', '1', '2'),
};

/** The order in which `pragmas` are set: a new file is shaped first, because journal_mode fills it, and so does auto_vacuum. */
export function inOrder({ page_size, auto_vacuum, ...others }: Pragmas): Pragmas {
  return {
    ...(page_size !== undefined && { page_size }),
    ...(auto_vacuum !== undefined && { auto_vacuum }),
    ...others,
  };
}

/** What is no setting here, and what is. */
const instead: Readonly<Record<string, string>> = {
  busy_timeout: 'would block the event loop; set acquireTimeoutMs instead',
  query_only: "is set by this package; use the option 'readOnly' instead",
  locking_mode: 'cannot be set: there are several connections, and each would lock out the others',
  defer_foreign_keys: 'lasts until the next COMMIT; set it inside the transaction',
};

/** Returns `pragmas`. @throws TypeError that names the first one that would not be what it says */
export function checkPragmas(pragmas: Pragmas): Pragmas {
  if (!holdsValues(pragmas)) throw new TypeError('pragmas must be an object of names and values');
  for (const name of Object.keys(pragmas)) {
    const reason = Object.hasOwn(instead, name) ? instead[name] : undefined;
    if (reason !== undefined) throw new TypeError(`pragmas.${name} ${reason}`);
  }
  refuseUnknownOptions('pragmas', pragmas, Object.keys(kinds));
  for (const [name, value] of Object.entries(pragmas)) {
    if (name === 'journal_mode' && /^off$/i.test(String(value)))
      throw new TypeError(
        `pragmas.journal_mode OFF leaves nothing to roll back with; MEMORY keeps the journal off the disk`,
      );
    const kind = kinds[name];
    if (kind && !kind.allows(value)) throw new TypeError(`pragmas.${name} must be ${kind.takes}`);
  }
  return pragmas;
}
