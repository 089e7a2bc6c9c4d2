// Notes every statement that repositories build or run, and during which of their methods: query-plans.test.ts explains them.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRepositories, type Repositories } from '../src/index.js';
import type { Library } from './open-library.js';

/** Statements of any number of libraries. */
export interface StatementRecorder {
  /** By text: the methods that ran it, such as `models.create`; none when it was only built. */
  readonly statements: ReadonlyMap<string, ReadonlySet<string>>;
  /** The methods that were called. */
  readonly called: ReadonlySet<string>;
  /** Returns repositories of this library that are watched. */
  watch(library: Library): Repositories;
}

/** Returns a recorder that has seen nothing. */
export function createStatementRecorder(): StatementRecorder {
  const statements = new Map<string, Set<string>>();
  const called = new Set<string>();
  const during = new AsyncLocalStorage<string>();
  const note = (sql: string): Set<string> => {
    const methods = statements.get(sql) ?? new Set();
    statements.set(sql, methods);
    return methods;
  };

  const watched = <T extends object>(repository: T, name: string): T =>
    new Proxy(repository, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        const method = `${name}.${String(key)}`;
        return (...args: unknown[]): unknown => {
          called.add(method);
          const result: unknown = during.run(method, () => Reflect.apply(value, target, args));
          return isIterable(result) ? iterating(result, method, during) : result;
        };
      },
    });

  return {
    statements,
    called,
    watch({ transactions }) {
      // drizzle builds every prepared query through its session, also those that no test runs.
      const session = Reflect.get(transactions.db, 'session') as Session;
      const prepareQuery = session.prepareQuery.bind(session);
      session.prepareQuery = (query, ...others) => {
        note(query.sql);
        return prepareQuery(query, ...others);
      };
      transactions.subscribe((event) => {
        if (event.type !== 'query') return;
        note(event.sql).add(during.getStore() ?? 'no method');
      });
      const repositories = createRepositories(transactions, { now: () => Date.UTC(2024, 0, 1) });
      return {
        models: watched(repositories.models, 'models'),
        metadata: watched(repositories.metadata, 'metadata'),
        search: watched(repositories.search, 'search'),
        tags: watched(repositories.tags, 'tags'),
        collections: watched(repositories.collections, 'collections'),
      };
    },
  };
}

interface Session {
  prepareQuery: (query: { readonly sql: string }, ...others: unknown[]) => unknown;
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function iterating(items: AsyncIterable<unknown>, method: string, during: AsyncLocalStorage<string>): unknown {
  return {
    [Symbol.asyncIterator]() {
      const iterator = items[Symbol.asyncIterator]();
      return {
        next: () => during.run(method, () => iterator.next()),
        return: () => during.run(method, async () => (await iterator.return?.()) ?? { done: true, value: undefined }),
      };
    },
  };
}
