// What makes each case of docs/troubleshooting.md happen that is seen on a command line, by its heading.
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '@cc/testkit/child';
import { startProgram } from '@cc/testkit/program';
import { freePort, sqldMissing, startSqld } from '@cc/testkit/sqld';
import { onTestFinished } from 'vitest';
import { candyHere } from '../candy-here.js';
import { binaryCube } from '../cube.js';
import { type Place, put } from '../temporary-library.js';
import { type LinePlace, mountSmall, runLine, runScript, whyNoMount } from './shell.js';

/** What the walk through a section needs to know of its trouble. */
export interface Provoked extends Omit<LinePlace, 'folder'> {
  /** What stands in the page for something of this machine. */
  readonly instead?: Readonly<Record<string, string>>;
  /** Does what a block for another terminal does. */
  readonly elsewhere?: () => Promise<void>;
}

/** A case. */
export interface CommandLineCase {
  /** Why it cannot be made happen here; null when it can. */
  readonly impossible?: string | null;
  readonly provoke: (place: Place) => Promise<Provoked>;
}

const libraryOf = ({ folder }: Place): string => join(folder, '.candy', 'library.db');

/** Starts a program that has the library open, and returns its number. */
async function holding(place: Place, how: 'read' | 'write'): Promise<string> {
  const program = new URL('lock-holder.mjs', import.meta.url);
  return await startProgram(program, [libraryOf(place), how]).line();
}

/** A project of its own with two migrations, the second of which is not applied yet. */
async function project({ folder }: Place): Promise<void> {
  put(folder, 'parts.sql', 'create table parts (id integer primary key, name text);\n');
  put(folder, 'parts.down.sql', 'drop table parts;\n');
  put(folder, 'names.sql', 'create unique index parts_name on parts (name);\n');
  put(folder, 'names.down.sql', 'drop index parts_name;\n');
  await quietly(folder, 'cc-migrate create --name parts --up parts.sql --down parts.down.sql', 'cc-migrate up');
}

async function secondMigration({ folder }: Place): Promise<void> {
  await quietly(folder, 'cc-migrate create --name names --up names.sql --down names.down.sql');
}

async function quietly(folder: string, ...lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const ended = await runLine(line, { folder });
    if (ended?.exitCode !== 0) throw new Error(`${line}: ${ended?.output}`);
  }
}

export const commandLineCases: Readonly<Record<string, CommandLineCase>> = {
  'There is no library yet': {
    provoke: async (place) => {
      rmSync(join(place.folder, '.candy'), { recursive: true });
      return {};
    },
  },
  'The library is behind the program': {
    provoke: async ({ folder }) => {
      await quietly(folder, 'candy migrate down --yes --allow-data-loss');
      return {};
    },
  },
  'There is something else at its path': {
    provoke: async (place) => {
      rmSync(libraryOf(place));
      mkdirSync(libraryOf(place));
      return {};
    },
  },
  'It is no database, or the key is wrong': {
    provoke: async (place) => {
      writeFileSync(libraryOf(place), 'A text, and no database. '.repeat(100));
      return { inProcesses: true };
    },
  },
  'It may only be read': {
    provoke: async (place) => {
      const dot = join(place.folder, '.candy');
      const paths = [...readdirSync(dot).map((name) => join(dot, name)), dot];
      // Root may write everything.
      const nobody = 65_534;
      chmodSync(place.folder, 0o755);
      for (const path of paths) {
        if (isRoot) chownSync(path, nobody, nobody);
        chmodSync(path, path === dot ? 0o555 : 0o444);
      }
      return isRoot ? { uid: nobody } : { inProcesses: true };
    },
  },
  'The server does not answer': {
    impossible: sqldMissing,
    provoke: async (place) => {
      const port = await freePort();
      const elsewhere = async (): Promise<void> => {
        const server = await startSqld({ port, database: libraryOf(place) });
        onTestFinished(() => server.close());
      };
      return { instead: { '8080': String(port) }, elsewhere };
    },
  },
  'Another program is writing': {
    provoke: async (place) => ({ instead: { '<pid>': await holding(place, 'write') } }),
  },
  'A backup cannot be put back, because somebody has the library open': {
    impossible: process.platform === 'linux' ? null : 'only Linux tells which process has a file open',
    provoke: async (place) => ({ instead: { '<pid>': await holding(place, 'write') } }),
  },
  'An index of the library was dropped': {
    provoke: async (place) => {
      await runScript(libraryOf(place), 'drop index idx_models_created_at');
      return {};
    },
  },
  'The log cannot be folded into the file': {
    provoke: async (place) => {
      const pid = await holding(place, 'read');
      await quietly(place.folder, 'candy rate "Gear" 4');
      return { instead: { '<pid>': pid } };
    },
  },
  'A statement does not fit the rows': {
    provoke: async (place) => {
      await project(place);
      await runScript(join(place.folder, 'app.db'), "insert into parts (name) values ('gear'), ('nut'), ('gear')");
      await secondMigration(place);
      return {};
    },
  },
  'It would lose rows': {
    provoke: async (place) => {
      await project(place);
      await runScript(join(place.folder, 'app.db'), "insert into parts (name) values ('gear'), ('nut')");
      return {};
    },
  },
  'A file was edited after it was applied': {
    provoke: async (place) => {
      await project(place);
      await secondMigration(place);
      await quietly(place.folder, 'cc-migrate up');
      put(place.folder, 'drizzle/0001_names.sql', '-- for lookups\ncreate unique index parts_name on parts (name);\n');
      return {};
    },
  },
  'Somebody has changed it by hand': {
    provoke: async (place) => {
      await project(place);
      await runScript(join(place.folder, 'app.db'), 'alter table parts add column note text');
      return {};
    },
  },
  'A model is there, and search does not find it': {
    provoke: async (place) => {
      await runScript(libraryOf(place), "update models set name = 'Zipper M7x99'");
      return {};
    },
  },
  'A write does not fit': {
    impossible: whyNoMount(),
    provoke: async (place) => {
      const small = join(place.folder, 'small');
      mkdirSync(small);
      onTestFinished(mountSmall(small, 3_000));
      put(small, 'old-backup.db', Buffer.alloc(2_400_000));
      return {};
    },
  },
  'Pages were overwritten': {
    provoke: async (place) => {
      await candyHere(['sample', '--models', '200', '--url', 'file:damaged.db'], place.folder);
      const damaged = join(place.folder, 'damaged.db');
      const file = openSync(damaged, 'r+');
      for (let page = 100; page < 103; page += 1) writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, page * 4096);
      closeSync(file);
      copyFileSync(damaged, libraryOf(place));
      return { inProcesses: true };
    },
  },
};

/** The content of the library that each case begins with. */
export const firstModel = binaryCube('gear');
