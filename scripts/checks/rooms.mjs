// The rooms of each package, the folders and files right inside its `src`, from the front door down to the ground: how a
// call flows. A room imports rooms below it only, types counted; imports.mjs refuses the rest. Packages that are not named
// here have no order yet.

/** By package: its rooms, the ones that import first. */
export const rooms = {
  schema: [
    'index',
    'schema',
    'validation',
    'metadata-rule',
    'column-rules',
    'known-keys',
    'derived',
    'types',
    'tables',
    'facet-tokens',
    'model-id',
    'migrations',
    'migrations-folder',
  ],
  cache: [
    'index',
    'open',
    'region',
    'memory-tier',
    'sealed-value',
    'weigh',
    'plain-data',
    'turns',
    'change-log',
    'search-key',
    'options',
    'counts',
    'errors',
    'types',
  ],
  health: [
    'index',
    'monitor',
    'types',
    'format-report',
    'report',
    'status',
    'recent-queries',
    'storage',
    'transaction-statistics',
    'query-statistics',
    'named-durations',
    'durations',
    'histogram',
    'fingerprint',
    'words',
    'options',
    'source',
  ],
  repositories: [
    'index',
    'testing',
    'repositories',
    'search',
    'upkeep',
    'collections',
    'tags',
    'metadata',
    'models',
    'listing',
    'words',
    'filter',
    'rows',
    'text',
    'context',
    'read-through',
    'statement',
    'cursor',
    'checks',
    'ids',
    'contract',
  ],
};

/** Packages that wait for their order: until then circles among their own files are refused for values only, by biome. */
export const waiting = ['migrate', 'tx'];

/** The imports that go up all the same: `from` and `to` as paths from the root without extension, and the reason. */
export const exceptions = [];
