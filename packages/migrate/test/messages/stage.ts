// The stage on which messages.test.ts provokes every code: a folder with its database, a project with schema code, and ways to hear
// what is said of them.
import type { DatabaseError } from '@cc/tx/errors';
import { createMigrationManager } from '../../src/index.js';
import { runProgram } from '../../src/program.js';
import { makeProject, type Project } from '../generate/project.js';
import { library, makeScratch, type Scratch, sendingBy, type Written } from '../scratch.js';

/** What a message has to name, or why it cannot: such a reason begins with "none:". */
export interface Case {
  readonly provoke: () => Promise<string>;
  readonly file: RegExp | `none: ${string}`;
  readonly statement: RegExp | `none: ${string}`;
  readonly object: RegExp;
  readonly next: RegExp;
}

class Stage {
  #scratch: Scratch | undefined;
  #project: Project | undefined;
  readonly #here = process.cwd();

  get scratch(): Scratch {
    if (!this.#scratch) throw new Error('The stage is not open');
    return this.#scratch;
  }

  get project(): Project {
    if (!this.#project) throw new Error('The stage is not open');
    return this.#project;
  }

  async open(): Promise<void> {
    this.#scratch = await makeScratch();
    await this.#scratch.write(library);
    this.#project = await makeProject(`dbCredentials: { url: 'app.db' }`);
    process.chdir(this.#project.cwd);
  }

  async close(): Promise<void> {
    process.chdir(this.#here);
    await this.#project?.[Symbol.asyncDispose]();
    await this.#scratch?.[Symbol.asyncDispose]();
  }
}

/** What is on it during one test. */
export const stage = new Stage();

/** Runs commands one after the other; returns what the last one says. */
export async function said(...lines: string[]): Promise<string> {
  let text = '';
  for (const line of lines) {
    text = '';
    const print = (more: string): void => void (text += `${more}\n`);
    await runProgram(line.split(' '), { version: '1', env: {}, print, warn: print, ask: null });
  }
  return text;
}

/** `line` for the database and the folder of `scratch`. */
const inScratch = (line: string): string =>
  `${line} --no-config --url ${stage.scratch.url} --folder ${stage.scratch.folder}`;

export async function saidInScratch(...lines: string[]): Promise<string> {
  return await said(...lines.map(inScratch));
}

export async function thrown(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('Nothing was thrown');
}

/** All of the library is applied; then the folder becomes `then`. */
export async function afterUp(
  then: readonly Written[],
  line: string,
  ...statements: readonly string[]
): Promise<string> {
  const opened = await stage.scratch.open();
  await opened.migrations.applyMigrations();
  if (statements.length > 0) await opened.run(...statements);
  await stage.scratch.write(then);
  return await saidInScratch(line);
}

export const more = (up: string, down: string | null = 'SELECT 1;'): readonly Written[] => [
  ...library,
  { tag: '0003_more', up, down },
];
export const later = library.map((each, index) => ({ ...each, when: 1_700_000_100_000 + index * 1_000 }));
export const edited = library.map((each, index) => (index === 2 ? { ...each, up: `${each.up}\n-- later` } : each));
export const code = `export const parts = sqliteTable('parts', { id: integer('id').primaryKey(), name: text('name') });`;

export async function failing(failure: DatabaseError): Promise<string> {
  const { transactions } = await stage.scratch.open();
  const source = sendingBy(transactions, () => Promise.reject(failure));
  const manager = createMigrationManager(source, { folder: stage.scratch.folder, maxAttempts: 2 });
  return await thrown(manager.applyMigrations());
}

export const wholeFile = 'none: it is about the file as a whole, whose statements may all be right';
export const noStatement = 'none: nothing was run or read, so no statement is in question';
