// docs/feature-map.md names nothing that is not there: names of APIs, commands, indexes, files and tests, and that the files
// and the tests are about the names beside them.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMigrationManager } from '@cc/migrate';
import { runProgram } from '@cc/migrate/program';
import { migrationsFolder } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { beforeAll, expect, it } from 'vitest';
import { candyHere } from './candy-here.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const docs = join(root, 'docs');
const text = (path: string): string => readFileSync(path, 'utf8');

interface Line {
  readonly section: string;
  readonly original: string;
  readonly names: readonly string[];
  readonly files: readonly string[];
  readonly tests: readonly string[];
}

/** What is wrong with a page, in words. */
type Problems = readonly string[];

/** The declarations of every package's api.md, by their names. */
const declarations = new Map(
  ['cache', 'health', 'migrate', 'repositories', 'schema', 'tx'].flatMap((name) =>
    text(join(root, 'packages', name, 'api.md'))
      .split(/^### /m)
      .slice(1)
      .map((part) => [part.split('\n', 1)[0] ?? '', part] as const),
  ),
);

/** What SQLite has in a library: tables, indexes, triggers. */
const objects = new Set<unknown>();
/** Every command with its program. */
const commands = new Set<string>();

beforeAll(async () => {
  await using transactions = await openTransactionManager({ url: ':memory:' });
  await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
  for (const [name] of await transactions.db.values('select name from sqlite_schema')) objects.add(name);
  const completion = (await candyHere(['completion', 'fish'], root)).stdout;
  for (const [, name] of completion.matchAll(/__fish_use_subcommand -f -a (\S+)/g)) commands.add(`candy ${name}`);
  let help = '';
  const print = (line: string): void => {
    help += `${line}\n`;
  };
  await runProgram(['--help'], { version: '', env: {}, print, warn: print, ask: null });
  for (const [, name] of help.matchAll(/^\s+(?:cc-migrate )?([a-z]+)\b/gm)) commands.add(`cc-migrate ${name}`);
  const { scripts } = JSON.parse(text(join(root, 'package.json'))) as { scripts: Record<string, string> };
  for (const name of Object.keys(scripts)) commands.add(`npm run ${name}`);
});

const linksIn = (cell: string): readonly string[] => [...cell.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path);
const namesIn = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

function linesOf(page: string): readonly Line[] {
  return page.split(/^## /m).flatMap((part) => {
    const [section = '', ...lines] = part.split('\n');
    return lines
      .filter((line) => line.startsWith('| ') && !/^\| (original|---)/.test(line))
      .map((line) => {
        const [original = '', here = '', file = '', test = ''] = line.slice(2).split(' | ');
        return {
          section,
          original,
          names: namesIn(here),
          files: linksIn(file),
          tests: linksIn(test),
        };
      });
  });
}

/** Whether an API, a command or a part of the schema has this name. */
function isThere(name: string): boolean {
  if (name.includes(' ')) return commands.has(name);
  const [owner = '', member] = name.split('.');
  if (member !== undefined)
    return new RegExp(`^ {4}(?:readonly )?${member}\\??[(<:]`, 'm').test(declarations.get(owner) ?? '');
  return declarations.has(name) || objects.has(name);
}

/** The word that a file about a name has in it; null for commands, which are many words. */
function wordOf(name: string): string | null {
  return name.includes(' ') ? null : (name.split('.').at(-1) ?? null);
}

/** Whether tests have to call it: a type is used without its name, and what SQLite has without a call. */
function isCalled(name: string): boolean {
  if (name.includes('.')) return true;
  return !objects.has(name) && !/\b(?:interface|type|class) /.test(declarations.get(name) ?? '');
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

function brokenLinks(page: string): Problems {
  return linksIn(page).flatMap((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? join(docs, 'feature-map.md') : join(docs, path);
    if (!existsSync(target)) return [`${link} does not exist`];
    if (anchor === undefined) return [];
    const slugs = [...text(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slugOf(heading));
    return slugs.includes(anchor) ? [] : [`${link}: no heading of ${path} is called so`];
  });
}

function problemsOf(page: string): Problems {
  const wrongNames = linesOf(page).flatMap(({ original, names }) => [
    ...(names.length === 0 ? [`${original} has no name here`] : []),
    ...names.filter((name) => !isThere(name)).map((name) => `${original}: there is no ${name}`),
  ]);
  const wrongPlaces = linesOf(page).flatMap(({ original, names, files, tests }) => {
    const wordsOf = (some: readonly string[]) => some.flatMap((name) => wordOf(name) ?? []);
    // The tests of the examples start programs.
    const programs = files.filter((path) => path.startsWith('../examples/')).map((path) => basename(path, '.ts'));
    const inSome = (paths: readonly string[], word: string): boolean =>
      paths.some((path) => existsSync(join(docs, path)) && new RegExp(`\\b${word}\\b`).test(text(join(docs, path))));
    const sources = files.filter((path) => path.endsWith('.ts'));
    const called = programs.length > 0 ? programs : wordsOf(names.filter(isCalled));
    return [
      ...(files.length === 0 ? [`${original} has no file`] : []),
      ...(tests.length > 0 && tests.every((path) => path.endsWith('.test.ts')) ? [] : [`${original} has no test`]),
      ...wordsOf(names)
        .filter((word) => sources.length > 0 && !inSome(sources, word))
        .map((word) => `${original}: ${files.join(', ')} says nothing of ${word}`),
      ...called
        .filter((word) => !inSome(tests, word))
        .map((word) => `${original}: ${tests.join(', ')} says nothing of ${word}`),
    ];
  });
  return [...wrongNames, ...wrongPlaces, ...brokenLinks(page)];
}

const page = text(join(docs, 'feature-map.md'));

it('names only what is there, in its file, called by its test', () => {
  expect(linesOf(page).length).toBeGreaterThan(90);
  expect(problemsOf(page)).toEqual([]);
});

it('finds a wrong name of each kind', () => {
  const wrong: readonly (readonly [right: string, wrong: string])[] = [
    ['`ModelRepository.exists`', '`ModelRepository.isThere`'],
    ['`openCacheManager`', '`openCache`'],
    ['`candy adopt`', '`candy adapt`'],
    ['`cc-migrate history`', '`cc-migrate past`'],
    ['`idx_models_name` | [tables.ts]', '`idx_models_names` | [tables.ts]'],
    ['test/search/search.test.ts', 'test/search/searching.test.ts'],
    ['models/update-model.ts', 'models/updates.ts'],
    ['migration-guide.md#the-rollback-plan', 'migration-guide.md#the-way-back'],
    ['test/hooks.test.ts', 'test/offload.test.ts'],
  ];
  for (const [right, slip] of wrong) {
    expect(page).toContain(right);
    expect({ slip, problems: problemsOf(page.replaceAll(right, slip)).length }).not.toEqual({ slip, problems: 0 });
  }
});

it('has every index that the design names, and every method of its classes', () => {
  const named = linesOf(page).flatMap(({ names }) => names);
  const indexes = ['file_hash', 'format', 'created_at', 'name', 'format_created'].map((name) => `idx_models_${name}`);
  expect(named).toEqual(expect.arrayContaining([...indexes, 'idx_metadata_model_key', 'models_fts']));
  // How many the design names of each.
  const methods = {
    DatabaseCacheManager: 8,
    DatabaseErrorHandler: 3,
    DatabaseHealthMonitor: 12,
    MetadataRepository: 8,
    MigrationManager: 4,
    ModelRepository: 8,
    SearchRepository: 8,
  };
  for (const [name, least] of Object.entries(methods)) {
    const mapped = new Set(named.filter((each) => each.startsWith(`${name}.`)));
    expect({ name, mapped: mapped.size >= least }).toEqual({ name, mapped: true });
  }
});
