// Writes the next migration of a history, by hand or through the planner of `generate`, with the way back that the
// planner drafts. By hand it is written beside a stock database that takes everything back afterwards.
import { markOf } from '../../src/folder/down-file.js';
import { isSameSnapshot } from '../../src/folder/snapshot.js';
import { planMigration } from '../../src/generate/plan-migration.js';
import { resolveRenames } from '../../src/generate/questions.js';
import { downFile, upFile } from '../../src/generate/sql-file.js';
import { draftDown } from '../../src/generate/write-missing-downs.js';
import { openPast } from '../../src/scratch/past.js';
import { kit, migrationOf, snapshotOf } from '../generate/planned.js';
import { type HandKind, reversibleKinds, writeByHand } from './by-hand.js';
import { answersOf, codeOf } from './code.js';
import { type codeKinds, type Draw, reshape } from './reshape.js';
import { type Column, columnOf, type Shape, tableOf } from './shape.js';
import type { StockDatabase } from './stock.js';

/** What a step is made of. */
export type StepDraw =
  | { readonly by: 'hand'; readonly draws: readonly Draw<HandKind>[] }
  | { readonly by: 'code'; readonly draws: readonly Draw<(typeof codeKinds)[number]>[] };

/** A migration of a history. */
export interface Step {
  readonly by: StepDraw['by'];
  readonly version: string;
  readonly upSql: string;
  /** Null: nothing says how to go back, and the file says so. */
  readonly downSql: string | null;
  readonly before: Shape;
  readonly after: Shape;
}

/** Where a step is added. */
export interface Place {
  readonly steps: readonly Step[];
  readonly shape: Shape;
  readonly bare: StockDatabase;
}

/** Marks a fault of the planner, not of the run. */
class PlannerFault extends Error {}

/** Writes a step; null where the draws change nothing. */
export async function writeStep(place: Place, draw: StepDraw): Promise<Step | null> {
  const version = `${String(place.steps.length).padStart(4, '0')}_${draw.by}`;
  const before = structuredClone(place.shape);
  const after = structuredClone(place.shape);
  if (draw.by === 'code') {
    for (const each of draw.draws) reshape(after, each, true);
    return await writeOfCode(place, { version, before, after });
  }
  const sql = writeAside(place.bare, after, draw.draws);
  if (sql.statements.length === 0 || comesBackAsAnother(before, after, false)) return null;
  const upSql = `${sql.statements.join(';\n')};\n`;
  // What does not even run stays without a way back: it is there to be refused.
  const downSql = sql.fails ? null : await downOf(place.steps, version, upSql, draw.draws);
  return { by: 'hand', version, upSql, downSql, before, after };
}

function writeAside(
  bare: StockDatabase,
  shape: Shape,
  draws: readonly Draw<HandKind>[],
): { readonly statements: readonly string[]; readonly fails: boolean } {
  const statements: string[] = [];
  bare.run('SAVEPOINT writing');
  try {
    for (const draw of draws) {
      const written = writeByHand({ shape, bare }, draw);
      statements.push(...written);
      if (written.length > 0 && bare.attempt(written.join(';\n')) !== null) return { statements, fails: true };
    }
    return { statements, fails: false };
  } finally {
    bare.run('ROLLBACK TO writing; RELEASE writing');
  }
}

async function downOf(
  steps: readonly Step[],
  version: string,
  upSql: string,
  draws: readonly Draw<HandKind>[],
): Promise<string | null> {
  const { kind, downSql, notes } = await planned(upSql, async () => {
    await using past = await openPast(migrationsOf(steps));
    return await draftDown(past, migrationOf(version, upSql));
  });
  if (kind === 'generated') return downSql;
  if (tellsItsWayBack(draws)) throw new PlannerFault(`No way back was found for\n${upSql}\n${notes.join('\n')}`);
  return null;
}

/** Whether the schemas tell the way back. What is copied and then dropped or rebuilt was moved: that no schema says. */
function tellsItsWayBack(draws: readonly Draw<HandKind>[]): boolean {
  const kinds = draws.map(({ kind }) => kind);
  const fills = kinds.some((kind) => kind === 'copy out' || kind === 'backfill column' || kind === 'rebuild');
  const drops = kinds.filter((kind) => kind === 'drop table' || kind === 'drop column' || kind === 'rebuild').length;
  const isAlone = kinds.length === 1 && kinds[0] === 'rebuild';
  return kinds.every((kind) => reversibleKinds.has(kind)) && (isAlone || !(fills && drops > 0));
}

async function writeOfCode(
  { steps }: Place,
  { version, before, after }: Pick<Step, 'version' | 'before' | 'after'>,
): Promise<Step | null> {
  const [snapshotBefore, snapshot] = [await snapshotOf(codeOf(before)), await snapshotOf(codeOf(after))];
  if (isSameSnapshot(snapshotBefore, snapshot) || comesBackAsAnother(before, after, true)) return null;
  const answers = answersOf(before, after);
  const resolved = await resolveRenames(snapshotBefore, snapshot, answers, null);
  const isClear = !resolved.isAmbiguous && answers.renames.length === 0;
  const change = { before: migrationsOf(steps), snapshotBefore, snapshot, ...resolved, isClear };
  const { up, down, upLosses } = await planned(JSON.stringify(answers), () => planMigration(change, kit));
  const upSql = upFile(up, [], true);
  const header = { kind: 'generated', of: markOf(upSql), losses: upLosses } as const;
  return { by: 'code', version, upSql, downSql: downFile(header, down, [], true), before, after };
}

/**
 * Whether something gone and something new share a name: nobody can say whether it is the same. drizzle takes it for that, and
 * so no model does; nor may, in schema code, something that was there take the name (`isCode`): generate wants two steps.
 */
function comesBackAsAnother(before: Shape, after: Shape, isCode: boolean): boolean {
  return before.tables.some((table) => {
    const next = tableOf(after, table.tid);
    if (!next) return after.tables.some(({ tid, name }) => name === table.name && (isCode || !tableOf(before, tid)));
    const takes = ({ cid }: Column): boolean => isCode || !columnOf(table, cid);
    return table.columns.some(
      ({ cid, name }) => !columnOf(next, cid) && next.columns.some((column) => column.name === name && takes(column)),
    );
  });
}

function migrationsOf(steps: readonly Step[]): readonly ReturnType<typeof migrationOf>[] {
  return steps.map(({ version, upSql }) => migrationOf(version, upSql));
}

async function planned<T>(of: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new PlannerFault(`The planner fails on\n${of}\n${String(cause)}`, { cause });
  }
}
