// What folder and database say of each other: files that changed, are missing, stand in another order or have no way back.
import { type ConnectionOptions, openTransactionManager } from '@cc/tx';
import { createMigrationManager } from '../../src/index.js';
import { library } from '../scratch.js';
import type { Case } from './stage.js';
import { afterUp, edited, later, more, noStatement, saidInScratch, stage, thrown, wholeFile } from './stage.js';

/** By fault. */
export const recorded: Readonly<Record<string, readonly Case[]>> = {
  edited: [
    {
      provoke: () => afterUp(edited, 'up'),
      file: /0002_weight\.sql/,
      statement: 'none: only the hash of the text that ran is kept',
      object: /0002_weight/,
      next: /cc-migrate repair/,
    },
  ],
  missing: [
    {
      provoke: () => afterUp(library.slice(0, 2), 'up'),
      file: /0002_weight\.sql/,
      statement: wholeFile,
      object: /0002_weight/,
      next: /cc-migrate down[^]*cc-migrate repair/,
    },
  ],
  renumbered: [
    {
      provoke: () => afterUp(later, 'up'),
      file: /meta\/_journal\.json/,
      statement: wholeFile,
      object: /0000_tables/,
      next: /cc-migrate repair/,
    },
  ],
  other_table: [
    {
      provoke: () => afterUp(library, 'up --table other'),
      file: /0000_tables\.sql/,
      statement: noStatement,
      object: /__drizzle_migrations/,
      next: /--table __drizzle_migrations[^]*cc-migrate status/,
    },
  ],
  other_server: [
    {
      provoke: async () => {
        const file = await stage.scratch.open();
        await file.migrations.applyMigrations();
        await using server = await openTransactionManager({ url: ':memory:' });
        const { transactions } = file;
        const replica = {
          url: transactions.url,
          capabilities: { ...transactions.capabilities, sync: true },
          getConnection: (options: ConnectionOptions) =>
            (options.mode === 'read' ? transactions : server).getConnection(options),
          current: () => undefined,
          sync: () => Promise.resolve(),
          backup: () => Promise.reject(new Error('Nobody asks for one')),
        };
        return await thrown(createMigrationManager(replica, { folder: stage.scratch.folder }).applyMigrations());
      },
      file: /app\.db/,
      statement: noStatement,
      object: /0002_/,
      next: /cc-migrate status/,
    },
  ],
  duplicate: [
    {
      provoke: () =>
        afterUp(
          library,
          'up',
          'INSERT INTO __drizzle_migrations (hash, created_at) SELECT hash, created_at FROM __drizzle_migrations LIMIT 1',
        ),
      file: /0000_tables\.sql/,
      statement: wholeFile,
      object: /__drizzle_migrations/,
      next: /cc-migrate repair/,
    },
  ],
  out_of_order: [
    {
      provoke: async () => {
        await stage.scratch.write(
          library.filter((_, index) => index !== 1).map((each, n) => ({ ...each, when: 1 + n * 2 })),
        );
        await saidInScratch('up');
        await stage.scratch.write(library.map((each, n) => ({ ...each, when: n + 1 })));
        return await saidInScratch('up');
      },
      file: /0001_search\.sql/,
      statement: wholeFile,
      object: /0002_weight/,
      next: /cc-migrate up --allow-out-of-order/,
    },
  ],
  journal_order: [
    {
      provoke: async () => {
        await stage.scratch.write(library.map((each, n) => ({ ...each, when: 10 - n })));
        return await saidInScratch('up');
      },
      file: /meta\/_journal\.json/,
      statement: wholeFile,
      object: /0001_search/,
      next: /cc-migrate repair --journal/,
    },
  ],
  no_down: [
    {
      provoke: async () => {
        await stage.scratch.write(more('CREATE TABLE more (x);', null));
        return await saidInScratch('up', 'down --yes');
      },
      file: /0003_more\.down\.sql/,
      statement: 'none: what is missing is the file',
      object: /0003_more/,
      next: /cc-migrate generate --missing-downs/,
    },
    {
      provoke: async () => {
        await stage.scratch.write(more(`SELECT 1;\nUPDATE parts SET name = 'x';`, null));
        return await saidInScratch('up');
      },
      file: /0003_more\.down\.sql/,
      statement: /line 2: UPDATE parts SET/,
      object: /0003_more/,
      next: /cc-migrate generate --missing-downs/,
    },
    {
      provoke: async () => {
        await stage.scratch.write(more('CREATE TABLE more (x);', '-- cc:down irreversible\n'));
        return await saidInScratch('up', 'down --yes');
      },
      file: /0003_more\.down\.sql/,
      statement: wholeFile,
      object: /0003_more/,
      next: /cc-migrate restore/,
    },
  ],
  draft_down: [
    {
      provoke: async () => {
        await stage.scratch.write(more('CREATE TABLE more (x);', '-- cc:down draft\n'));
        return await saidInScratch('up');
      },
      file: /0003_more\.down\.sql/,
      statement: 'none: the draft itself lists the statements to undo',
      object: /0003_more/,
      next: /cc-migrate check/,
    },
  ],
  stale_down: [
    {
      provoke: async () => {
        await stage.scratch.write(
          more('CREATE TABLE more (x);', '-- cc:down generated of=0000000000000000\nDROP TABLE more;'),
        );
        return await saidInScratch('up');
      },
      file: /0003_more\.down\.sql[^]*0003_more\.sql/,
      statement: 'none: only the mark of the text that it was made for is kept',
      object: /0003_more/,
      next: /cc-migrate generate --missing-downs/,
    },
  ],
  half_back: [
    {
      provoke: async () => {
        const opened = await stage.scratch.open();
        await opened.migrations.applyMigrations();
        await opened.run(`INSERT INTO parts (name) VALUES ('bolt'), ('nut')`);
        const change = (of: string): string =>
          `-- cc:chunk 1\nUPDATE parts SET name = ${of}(name) WHERE name <> ${of}(name)`;
        await stage.scratch.write(more(change('upper'), change('lower')));
        await opened.migrations.applyMigrations({ allowDataLoss: true });
        await opened.run(
          `CREATE TRIGGER stop BEFORE UPDATE ON parts WHEN new.name = 'nut' BEGIN SELECT RAISE(ABORT, 'stop'); END`,
        );
        await thrown(opened.migrations.rollbackMigration({ allowDataLoss: true }));
        return await saidInScratch('up');
      },
      file: /0003_more\.down\.sql/,
      statement: 'none: which of them was under way is not kept, and each goes on where it was',
      object: /0003_more/,
      next: /cc-migrate down[^]*cc-migrate up/,
    },
  ],
};
