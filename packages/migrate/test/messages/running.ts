// What a run refuses or fails with.
import { rmSync, unlinkSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseError } from '@cc/tx/errors';
import { library, overtaken } from '../scratch.js';
import {
  afterUp,
  type Case,
  failing,
  later,
  more,
  noStatement,
  said,
  saidInScratch,
  stage,
  thrown,
  wholeFile,
} from './stage.js';

/** By fault. */
export const running: Readonly<Record<string, readonly Case[]>> = {
  data_loss: [
    {
      provoke: () =>
        afterUp(
          more('ALTER TABLE parts RENAME TO things;\nDELETE FROM things;'),
          'up',
          `INSERT INTO parts (name) VALUES ('bolt')`,
        ),
      file: /0003_more\.sql/,
      statement: 'none: it is measured on the rows behind all statements',
      object: /table parts \(1 row\) such as id = 1/,
      next: /cc-migrate up --allow-data-loss parts/,
    },
    {
      provoke: () => afterUp(library, 'down --to none --yes', `INSERT INTO parts (name) VALUES ('bolt')`),
      file: /0000_tables\.down\.sql/,
      statement: 'none: it is counted over all statements',
      object: /table parts \(1 row\)/,
      next: /cc-migrate down --allow-data-loss parts/,
    },
  ],
  statement: [
    {
      provoke: async () => {
        await stage.scratch.write(more('SELECT 1;\nCOMMIT;'));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql/,
      statement: /COMMIT on line 2/,
      object: /0003_more/,
      next: /cc-migrate up/,
    },
    {
      provoke: async () => {
        await stage.scratch.write(more('SELECT 1;\nPRAGMA journal_mode = wal;'));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql/,
      statement: /PRAGMA journal_mode on line 2/,
      object: /0003_more/,
      next: /cc-migrate up/,
    },
    {
      provoke: async () => {
        await stage.scratch.write([...library, { tag: '0003_more', up: `SELECT 'x`, down: null }]);
        return await said(`generate --missing-downs --no-config --folder ${stage.scratch.folder}`);
      },
      file: /0003_more\.sql/,
      statement: /line 1/,
      object: /quote/,
      next: /cc-migrate (?:up|settle)/,
    },
  ],
  folder: [
    {
      provoke: async () => {
        unlinkSync(join(stage.scratch.folder, '0001_search.sql'));
        return await saidInScratch('up');
      },
      file: /0001_search\.sql/,
      statement: wholeFile,
      object: /0001_search/,
      next: /git checkout|cc-migrate check/,
    },
    {
      provoke: async () => {
        await writeFile(join(stage.scratch.folder, 'meta', '_journal.json'), '<<<<<<< HEAD');
        return await saidInScratch('status');
      },
      file: /meta\/_journal\.json/,
      statement: wholeFile,
      object: /is not JSON/,
      next: /git checkout|cc-migrate check/,
    },
    {
      provoke: async () => {
        rmSync(join(stage.scratch.folder, 'meta'), { recursive: true });
        return await saidInScratch('status');
      },
      file: /meta\/_journal\.json/,
      statement: wholeFile,
      object: /0000_tables\.sql/,
      next: /git checkout .*cc-migrate create --folder/,
    },
    {
      provoke: async () => {
        rmSync(stage.scratch.folder, { recursive: true });
        return await saidInScratch('up');
      },
      file: /meta\/_journal\.json/,
      statement: noStatement,
      object: /journal/,
      next: /cc-migrate generate/,
    },
    ...['status', 'up', 'down --yes', 'plan', 'check', 'verify', 'diff', 'history', 'baseline', 'repair --yes'].map(
      (line): Case => ({
        provoke: async () => {
          await rm(stage.scratch.folder, { recursive: true });
          await mkdir(join(stage.scratch.folder, '20260101000000_start'), { recursive: true });
          await writeFile(join(stage.scratch.folder, '20260101000000_start', 'migration.sql'), 'CREATE TABLE a (x);');
          return await saidInScratch(line);
        },
        file: /20260101000000_start\/migration\.sql/,
        statement: noStatement,
        object: /layout of drizzle-kit 1\.0/,
        next: /npm install --save-dev drizzle-kit@0\.31[^]*cc-migrate generate and cc-migrate baseline/,
      }),
    ),
  ],
  lock_lost: [
    {
      provoke: async () => {
        const first = await stage.scratch.open();
        await first.migrations.applyMigrations({ steps: 1 });
        const other = await stage.scratch.open();
        const manager = overtaken(first.transactions, stage.scratch.folder, async () => {
          await other.migrations.applyMigrations();
          await other.migrations.rollbackMigration({ steps: 2, allowDataLoss: true });
          await stage.scratch.write(later);
          await other.run('DELETE FROM __drizzle_migrations');
        });
        return await thrown(manager.applyMigrations({ steps: 1 }));
      },
      file: /0001_search/,
      statement: 'none: the migration was not run',
      object: /0001_search \(up\)/,
      next: /cc-migrate status/,
    },
    {
      provoke: () =>
        failing(
          new DatabaseError('database is locked', {
            type: 'lock',
            code: 'SQLITE_BUSY',
            operation: 'BEGIN',
            recoverable: true,
          }),
        ),
      file: /0000_tables/,
      statement: 'none: the migration was not run',
      object: /0000_tables \(up\)/,
      next: /cc-migrate status/,
    },
  ],
  timeout: [
    {
      provoke: () =>
        failing(
          new DatabaseError('it is gone', {
            type: 'aborted',
            code: 'TRANSACTION_LOST',
            operation: 'up',
            recoverable: true,
          }),
        ),
      file: /0000_tables\.sql/,
      statement: 'none: the server ends the transaction between any two statements',
      object: /0000_tables \(up\)/,
      next: /cc-migrate up/,
    },
  ],
  failed: [
    {
      provoke: async () => {
        await stage.scratch.write(more('SELECT 1;\nCREATE INDEX i ON parts (nme);'));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql, line 2/,
      statement: /CREATE INDEX i ON parts \(nme\)/,
      object: /no such column: nme/,
      next: /cc-migrate up/,
    },
    {
      provoke: async () => {
        await stage.scratch.write(
          more(
            `CREATE TABLE log (x);\nCREATE TRIGGER t AFTER INSERT ON log BEGIN INSERT INTO lgo VALUES (1); END;\nINSERT INTO log VALUES (1);`,
          ),
        );
        return await saidInScratch('up');
      },
      file: /0003_more\.sql, line 3/,
      statement: /INSERT INTO log VALUES/,
      object: /no such table: \S*lgo/,
      next: /cc-migrate up/,
    },
    {
      provoke: () =>
        afterUp(more('SELECT 1;\nCREATE TABLE Stock (id integer);'), 'up', 'CREATE TABLE stock (id integer)'),
      file: /0003_more\.sql, line 2/,
      statement: /CREATE TABLE Stock/,
      object: /table Stock already exists/i,
      next: /If it was made by drizzle-kit push or by hand: cc-migrate repair records 0003_more.*cc-migrate baseline.*cc-migrate up/,
    },
    {
      provoke: () => afterUp(more('ALTER TABLE parts ADD size integer;'), 'up', 'ALTER TABLE parts ADD size integer'),
      file: /0003_more\.sql, line 1/,
      statement: /ALTER TABLE parts ADD size/,
      object: /duplicate column name: size/,
      next: /cc-migrate repair records 0003_more/,
    },
    {
      provoke: async () => {
        await stage.scratch.write(more(`UPDATE parts SET nmae = 'x' WHERE id = 1;`));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql, line 1/,
      statement: /UPDATE parts SET nmae/,
      object: /no such column: nmae/,
      next: /cc-migrate up/,
    },
    {
      provoke: () => afterUp(more('SELECT 1;', 'DROP TABLE nowhere;'), 'up').then(() => saidInScratch('down --yes')),
      file: /0003_more\.down\.sql, line 1/,
      statement: /DROP TABLE nowhere/,
      object: /no such table: nowhere/,
      next: /cc-migrate down/,
    },
  ],
  broken_object: [
    {
      provoke: async () => {
        await stage.scratch.write(more('SELECT 1;\nCREATE VIEW w AS SELECT absent FROM parts;', 'DROP VIEW w;'));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql/,
      statement: /0003_more\.sql, line 2/,
      object: /view w/,
      next: /cc-migrate up/,
    },
  ],
  foreign_key: [
    {
      provoke: async () => {
        await stage.scratch.write(more(`INSERT INTO notes (part_id, body) VALUES (7, 'x');`));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql/,
      statement: 'none: it is counted behind all statements',
      object: /notes[^]*parts/,
      next: /cc-migrate up/,
    },
    {
      provoke: async () => {
        await stage.scratch.write(
          more(
            `CREATE TABLE c (p text REFERENCES parts (weight));`
              .replace('weight', 'id, name')
              .replace('p text', 'p text, q text')
              .replace(' REFERENCES parts (id, name)', ', FOREIGN KEY (p, q) REFERENCES parts (id, name)'),
          ),
        );
        return await saidInScratch('up');
      },
      file: /0003_more\.sql/,
      statement: /0003_more\.sql, line 1: CREATE TABLE "c"/,
      object: /\bc\b[^]*parts/,
      next: /cc-migrate up/,
    },
  ],
};
