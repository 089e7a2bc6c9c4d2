// Random schema histories, walked up and down at random with rows: at every point the schema is what a fresh build of the
// code makes, and going back gives what was there before. CC_RUNS and CC_SEED give more of them, or one again.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FolderMigration } from '../../src/folder/read-folder.js';
import { emptySnapshot, isSameSnapshot } from '../../src/folder/snapshot.js';
import { planMigration } from '../../src/generate/plan-migration.js';
import { resolveRenames } from '../../src/generate/questions.js';
import { compareSchemas } from '../../src/schema/compare-schemas.js';
import { readSchema } from '../../src/schema/read-schema.js';
import type { Schema } from '../../src/schema/schema.js';
import { integrityFaults } from '../../src/scratch/integrity.js';
import { openReplayed } from '../../src/scratch/past.js';
import { openScratch, type ScratchDatabase } from '../../src/scratch/scratch-database.js';
import { seedRows } from '../../src/scratch/seed-rows.js';
import { splitStatements } from '../../src/sql/statements.js';
import { kit, migrationOf, snapshotOf } from './planned.js';
import { applyChange, type Change, type CodeState, codeOf, firstState, kinds } from './random-code.js';

const runs = Number(process.env['CC_RUNS'] ?? 6);
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);

const change = fc.record({ kind: fc.constantFrom(...kinds), a: fc.nat(1_000), b: fc.nat(1_000) });
const history = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 });
/** Ups (true) and downs of the walk behind the first way up. */
const walk = fc.array(fc.boolean(), { maxLength: 12 });

const logged = `CREATE TABLE log (line text);
CREATE TRIGGER parent_deleted AFTER DELETE ON parent BEGIN INSERT INTO log VALUES (old.id); END;
CREATE VIEW parents AS SELECT * FROM parent;
CREATE VIRTUAL TABLE parent_fts USING fts5(label, content = 'parent', content_rowid = 'id');
CREATE TRIGGER parent_fts_insert AFTER INSERT ON parent BEGIN
  INSERT INTO parent_fts(rowid, label) VALUES (new.id, new.label);
END;
CREATE TRIGGER parent_fts_delete AFTER DELETE ON parent BEGIN
  INSERT INTO parent_fts(parent_fts, rowid, label) VALUES ('delete', old.id, old.label);
END;`;

interface Step {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** Plans the migrations of a history. */
async function planHistory(changes: readonly (readonly Change[])[]): Promise<{ steps: Step[]; codes: Schema[] }> {
  let state = firstState();
  let snapshot = await snapshotOf(codeOf(state));
  const first = (await kit(emptySnapshot, snapshot)).join('\n');
  const before: FolderMigration[] = [migrationOf('0000_first', first), migrationOf('0001_log', logged)];
  const steps: Step[] = [{ up: statements(`${first}\n--> statement-breakpoint\n${logged}`), down: [] }];
  const codes: Schema[] = [await freshBuild(snapshot)];
  for (const [index, group] of changes.entries()) {
    const renames: string[] = [];
    const next = group.reduce((code, each) => applyChange(code, each, renames), state);
    const snapshotAfter = await snapshotOf(codeOf(next));
    if (isSameSnapshot(snapshot, snapshotAfter)) continue;
    const gone = renames.filter((each) => isPresent(each, state, next));
    const resolved = await resolveRenames(snapshot, snapshotAfter, { renames: gone, drops: [] }, () =>
      Promise.resolve(null),
    );
    const isClear = !resolved.isAmbiguous && gone.length === 0;
    const proven = await planMigration(
      { before: [...before], snapshotBefore: snapshot, snapshot: snapshotAfter, ...resolved, isClear },
      kit,
    );
    before.push(migrationOf(`000${index + 2}_change`, proven.up.join(';\n')));
    steps.push({ up: statements(proven.up.join(';\n')), down: statements(proven.down.join(';\n')) });
    codes.push(await freshBuild(snapshotAfter));
    [state, snapshot] = [next, snapshotAfter];
  }
  return { steps, codes };
}

/** Whether what was renamed was there before, and was not dropped again in the same step. */
function isPresent(rename: string, before: CodeState, after: CodeState): boolean {
  const [from = '', to = ''] = rename.split('=');
  const has = ({ tables }: CodeState, wanted: string): boolean =>
    from.includes('.')
      ? tables.some(({ columns }) => columns.some(({ name }) => name === wanted))
      : tables.some(({ name }) => name === wanted);
  return has(before, from.split('.').at(-1) ?? '') && has(after, to);
}

function statements(sql: string): readonly string[] {
  return splitStatements(sql, 'history').map((each) => each.sql);
}

async function freshBuild(snapshot: Awaited<ReturnType<typeof snapshotOf>>): Promise<Schema> {
  await using scratch = await openScratch();
  const built = statements((await kit(emptySnapshot, snapshot)).join('\n--> statement-breakpoint\n'));
  if (built.length > 0) await scratch.run(built);
  return await readSchema(scratch.connection);
}

/** What drizzle knows of a schema: without the objects of custom SQL, but for those that must be there. */
function known(schema: Schema): Schema {
  const tables = new Map([...schema.tables].filter(([name]) => name !== 'log'));
  return { ...schema, tables, views: new Map(), triggers: new Map(), virtualTables: new Map() };
}

async function expectState(
  database: ScratchDatabase,
  code: Schema | undefined,
  visited: Map<number, Schema>,
  at: number,
): Promise<void> {
  const schema = await readSchema(database.connection);
  expect(compareSchemas(known(schema), code ?? schema, { columnOrder: false })).toEqual([]);
  // Custom SQL stays as long as its table does.
  const hasParent = code?.tables.has('parent') ?? false;
  if (hasParent) expect([schema.triggers.size, schema.views.size, schema.virtualTables.size]).toEqual([3, 1, 1]);
  const earlier = visited.get(at);
  if (earlier) expect(compareSchemas(schema, earlier)).toEqual([]);
  visited.set(at, schema);
  expect(await integrityFaults(database.connection)).toEqual([]);
}

test(`random histories go up and down (seed ${seed}, ${runs} runs)`, { timeout: 600_000 + runs * 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, walk, async (changes, ways) => {
      const { steps, codes } = await planHistory(changes);
      await using database = await openReplayed([]);
      const visited = new Map<number, Schema>();
      let at = -1;
      for (const isUp of [...steps.map(() => true), ...ways]) {
        const step = steps[isUp ? at + 1 : at];
        if (!step || (!isUp && at < 1)) continue;
        await database.run(isUp ? step.up : step.down);
        at += isUp ? 1 : -1;
        await expectState(database, codes[at], visited, at);
        await seedRows(database, await readSchema(database.connection));
      }
    }),
    { seed, numRuns: runs, endOnFailure: process.env['CC_SHRINK'] === undefined },
  );
});
