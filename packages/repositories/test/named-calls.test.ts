// Whoever watches the database sees which call of a repository each statement belongs to.
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Repositories } from '../src/index.js';
import { callEverything } from './every-call.js';
import { createMapCache } from './map-cache.js';
import { modelInput } from './model-input.js';
import { openLibrary } from './open-library.js';

/** The repositories, which note the name of the call that was begun last. */
function noting(repositories: Repositories, begin: (name: string) => void): Repositories {
  const noted = (['models', 'metadata', 'search', 'tags', 'collections'] as const).map((repository) => {
    const calls = Object.entries(repositories[repository]).map(([method, call]) => [
      method,
      (...values: readonly unknown[]) => {
        begin(`${repository}.${method}`.replace(/^search\.(un)?tag$/, 'tags.$1tag'));
        return (call as (...given: readonly unknown[]) => unknown)(...values);
      },
    ]);
    return [repository, Object.fromEntries(calls)];
  });
  return Object.fromEntries(noted) as Repositories;
}

describe.each(['file', ':memory:', 'http'] as const)('on %s', (target) => {
  test('every statement and transaction carries the name of the call', async () => {
    const library = await openLibrary(target);
    onTestFinished(() => library[Symbol.asyncDispose]());
    let running = '';
    const wrong = new Set<string>();
    const named = new Set<string>();
    library.transactions.subscribe((event) => {
      if (event.type !== 'query' && event.type !== 'transaction') return;
      if (event.label === running) named.add(running);
      else wrong.add(`${running}: ${event.label} (${event.type === 'query' ? event.sql : event.phase})`);
    });
    await callEverything(noting(library, (name) => void (running = name)));
    expect([...wrong]).toEqual([]);
    expect(named.size).toBeGreaterThan(40);
  });

  test('calls at once keep their names apart; that of a transaction or of the application stays', async () => {
    const library = await openLibrary(target, { cache: createMapCache() });
    onTestFinished(() => library[Symbol.asyncDispose]());
    const { transactions, models, tags } = library;
    const id = await models.create(modelInput('gear'));
    const labels: (string | undefined)[] = [];
    transactions.subscribe((event) => {
      if (event.type === 'query') labels.push(event.label);
    });
    await Promise.all([models.read(id), tags.getTags(id), models.count()]);
    expect(new Set(labels)).toEqual(new Set(['models.count', 'models.read', 'tags.getTags']));
    labels.length = 0;
    await transactions.transaction(async () => void (await models.update(id, { name: 'cog' })), { label: 'checkout' });
    await transactions.labelled('page', () => Promise.all([models.update(id, { name: 'wheel' }), models.list()]));
    expect([...new Set(labels)]).toEqual(['checkout', 'page']);
    labels.length = 0;
    await transactions.transaction(async () => void (await models.update(id, { name: 'cog' })));
    expect([...new Set(labels)]).toEqual(['models.update']);
  });
});
