// Plays a history: every migration runs on a file through the manager and as bare SQL on a stock database. Between them
// stands the model: what it says is lost must be refused first, and all else must be there, byte for byte.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { createMigrationManager, type MigrationManager } from '../../src/index.js';
import { migrationOf } from '../generate/planned.js';
import { codeOf, mustBeSame, mustEqual, mustFail, mustHaveForm, mustHaveRows, mustRefuse, refusalOf } from './judge.js';
import { type Loss, lossesBetween, namesOf, type State, wholeOf } from './losses.js';
import { predict } from './predict.js';
import { columnOf, type Shape, tableOf } from './shape.js';
import { type Start, startOf } from './start.js';
import { Affinity, StockDatabase } from './stock.js';
import { insertSql, updateSql } from './values.js';
import { type Step, type StepDraw, writeStep } from './write-step.js';

/** What a history does. */
export interface History {
  readonly start: number;
  readonly rounds: readonly Round[];
}

/** Migrations that are applied in one run, rows that are written, and a way back and forth. */
export interface Round {
  readonly steps: readonly StepDraw[];
  /** What is said when a run is refused: nothing, everything, or the names of what goes. */
  readonly agree: 'none' | 'all' | 'names';
  readonly rows: number;
  readonly back: number;
}

/** Plays `history` and fails where ours, the stock database and the model do not agree. */
export async function play(history: History): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'cc-history-'));
  try {
    const start = await startOf(history.start);
    await using game = await openGame(join(path, 'app.db'), start);
    for (const round of history.rounds) await game.playRound(round);
    await game.end();
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function openGame(file: string, { shape, sql, rows }: Start): Promise<Game> {
  const bare = new StockDatabase();
  const beside = new StockDatabase(file);
  const first: Step = { by: 'hand', version: '0000_start', upSql: sql, downSql: null, before: shape, after: shape };
  for (const database of [bare, beside]) {
    database.run(['BEGIN', sql, ...rows, 'COMMIT'].join(';\n'));
  }
  // As drizzle's own migrator leaves it.
  const { hash, createdAt } = migrationOf(first.version, sql);
  beside.run(`CREATE TABLE "__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);
INSERT INTO "__drizzle_migrations" (hash, created_at) VALUES ('${hash}', ${createdAt})`);
  const transactions = await openTransactionManager({ url: pathToFileURL(file).href });
  return new Game(transactions, bare, beside, first);
}

/** One step of a run as the bare SQL did it. */
interface Ran {
  readonly step: Step;
  readonly state: State;
  readonly losses: readonly Loss[];
  /** Values of before the run that an earlier step moved, and this one drops with their last copy. */
  readonly moved: readonly Loss[];
}

class Game {
  /** Empty between any two questions to it. */
  readonly #scratch = new StockDatabase();
  readonly #affinity = new Affinity(this.#scratch);
  readonly #transactions: TransactionManager;
  /** Runs the bare SQL. */
  readonly #bare: StockDatabase;
  /** Reads, and now and then writes, the file that ours works on. */
  readonly #beside: StockDatabase;
  #steps: readonly Step[];
  #at = 1;

  constructor(transactions: TransactionManager, bare: StockDatabase, beside: StockDatabase, first: Step) {
    [this.#transactions, this.#bare, this.#beside, this.#steps] = [transactions, bare, beside, [first]];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transactions.close();
    for (const each of [this.#bare, this.#beside, this.#scratch]) each[Symbol.dispose]();
  }

  async playRound({ steps, agree, rows, back }: Round): Promise<void> {
    await this.#run('up', steps.length, agree, async (index) => await this.#write(steps[index]));
    this.#changeRows(rows);
    for (const way of ['down', 'up'] as const) {
      await this.#run(
        way,
        back,
        agree,
        async (index) => this.#steps[way === 'up' ? this.#at + index : this.#at - 1 - index],
      );
      this.#changeRows(rows + 1);
    }
  }

  /** Nothing is left to do, and the schema is what the migrations say. */
  async end(): Promise<void> {
    await this.#run('up', this.#steps.length, 'all', async (index) => this.#steps[this.#at + index]);
    const manager = this.#manager();
    const { problems } = await manager.status();
    mustEqual(problems, [], 'what status() says in the end');
    const { differences } = await manager.diff();
    mustEqual(differences, [], 'what diff() says in the end');
  }

  async #write(draw: StepDraw | undefined): Promise<Step | undefined> {
    if (!draw) return undefined;
    const shape = this.#steps.at(-1)?.after;
    const step = shape && (await writeStep({ steps: this.#steps, shape, bare: this.#bare }, draw));
    if (!step) return undefined;
    this.#steps = [...this.#steps, step];
    return step;
  }

  #shape(): Shape {
    const step = this.#steps[this.#at - 1];
    if (!step) throw new Error('There is always a first migration');
    return step.after;
  }

  /** Writes rows on both sides. */
  #changeRows(draw: number): void {
    const { tables } = this.#shape();
    for (const table of tables.filter(({ isLog }) => !isLog)) {
      const sql = draw % 2 === 0 ? insertSql(this.#shape(), table, draw, 1) : updateSql(this.#shape(), table, draw);
      for (const each of sql) {
        const said = this.#bare.attempt(each);
        mustEqual(this.#beside.attempt(each), said, each);
      }
    }
  }

  #manager(): MigrationManager {
    const migrations = this.#steps.map(({ version, upSql, downSql }) => {
      const { createdAt, hash } = migrationOf(version, upSql);
      return { version, createdAt, hash, upSql, downSql: downSql ?? '-- cc:down irreversible\n' };
    });
    return createMigrationManager(this.#transactions, { migrations });
  }

  /** Runs up to `most` steps one way in one call, first as bare SQL, then through the manager. */
  async #run(
    way: 'up' | 'down',
    most: number,
    agree: Round['agree'],
    next: (index: number) => Promise<Step | undefined>,
  ): Promise<void> {
    const start: State = { shape: this.#shape(), dump: this.#bare.dump() };
    const ran: Ran[] = [];
    let failing: string | null = null;
    let count = 0;
    this.#bare.run('SAVEPOINT step_0');
    for (; count < most && failing === null; count += 1) {
      const step = await next(count);
      if (!step || (way === 'down' && step.downSql === null)) {
        if (way === 'up' && count < most) continue;
        break;
      }
      failing = this.#runBare(way, step, ran, start);
      // What left orphans ran, and must not stay.
      this.#bare.run(failing === null ? `SAVEPOINT step_${ran.length}` : `ROLLBACK TO step_${ran.length}`);
    }
    const steps = ran.length + (failing === null ? 0 : 1);
    const reached = steps === 0 ? 0 : await this.#runOurs(way, { steps, start, ran, failing, agree });
    this.#bare.run(`ROLLBACK TO step_${reached}; RELEASE step_0`);
    this.#at += way === 'up' ? reached : -reached;
    // What was refused is not tried again: whoever wrote it takes it out.
    if (way === 'up' && reached < steps) this.#steps = this.#steps.slice(0, this.#at);
  }

  /** Returns what SQLite says when the step fails. */
  #runBare(way: 'up' | 'down', step: Step, ran: Ran[], start: State): string | null {
    const last = ran.at(-1)?.state ?? start;
    const sql = (way === 'up' ? step.upSql : step.downSql) ?? '';
    const target = way === 'up' ? step.after : step.before;
    const what = `${way} of\n${sql}${way === 'up' ? '' : `\nwhich is to undo\n${step.upSql}`}`;
    const [orphans, broken] = [this.#bare.orphans(), this.#bare.broken()];
    const failure =
      this.#bare.attempt(sql) ??
      newOrphans(orphans, this.#bare.orphans(), namesThen(last.shape, target)) ??
      newlyBroken(broken, this.#bare.broken());
    if (failure !== null) return failure;
    const dump = this.#bare.dump();
    mustHaveForm(dump, target, what, this.#scratch);
    if (way === 'up' && step.before !== step.after) adoptOrder(target, dump);
    const state = { shape: target, dump };
    if (way === 'down' || step.by === 'code')
      mustHaveRows(state, predict(last, target, way === 'down', this.#scratch), what);
    ran.push({ step, state, ...this.#lossesOf(start, ran, { last, state }) });
    return null;
  }

  /**
   * What a step of a run takes away. What the run itself has made is nobody's loss yet, but for the last copy of what was
   * there before: a step moved it there, and this one drops it.
   */
  #lossesOf(
    start: State,
    ran: readonly Ran[],
    { last, state }: { last: State; state: State },
  ): Pick<Ran, 'losses' | 'moved'> {
    const wasThere = ({ tid, cids }: Loss): boolean => {
      const table = tableOf(start.shape, tid);
      return table !== undefined && cids.some((cid) => columnOf(table, cid));
    };
    const moved = ran.flatMap(({ losses }) => losses.filter((loss) => loss.isOpen && wasThere(loss)));
    const isMoved = ({ tid, cids }: Loss): boolean =>
      moved.some((loss) => loss.tid === tid && loss.cids.some((cid) => cids.includes(cid)));
    return {
      losses: lossesBetween(this.#affinity, last, state, start.shape).map((loss) =>
        wasThere(loss) ? loss : { ...loss, isOpen: true },
      ),
      moved: lossesBetween(this.#affinity, start, state).filter((loss) => !loss.isOpen && isMoved(loss)),
    };
  }

  /** Runs the same through the manager, with every agreement that is due, and returns how many steps it did. */
  async #runOurs(
    way: 'up' | 'down',
    {
      steps,
      start,
      ran,
      failing,
      agree,
    }: {
      readonly steps: number;
      readonly start: State;
      readonly ran: readonly Ran[];
      readonly failing: string | null;
      readonly agree: Round['agree'];
    },
  ): Promise<number> {
    const from = this.#at;
    const losses = ran.flatMap((each) => each.losses);
    const sql = ran.map(({ step }) => (way === 'up' ? step.upSql : step.downSql)).join('\n-- next\n');
    const states = [start, ...ran.map(({ state }) => state)];
    let done = 0;
    const call = async (allowDataLoss: boolean | readonly string[]): Promise<unknown> => {
      const manager = this.#manager();
      const options = { steps: steps - done, allowDataLoss: allowDataLoss as boolean };
      const error = await refusalOf(
        way === 'up' ? manager.applyMigrations(options) : manager.rollbackMigration(options),
      );
      done = Math.abs(this.#appliedCount() - from);
      const state = states[done];
      if (!state) throw new Error(`${done} of ${steps} ran: the bare SQL of the next fails\n${sql}`);
      mustBeSame(this.#beside.dump(), state.dump, `after ${done} of ${steps} ${way}: ${codeOf(error) ?? ''}\n${sql}`);
      return error;
    };
    // Describing it changes nothing, either. Where one step keeps everything there is little to describe.
    if (steps > 1 || losses.length > 0) await this.#manager().plan({ direction: way, steps });
    const first = await call(false);
    const surely = ran.findIndex((each) => each.moved.length > 0 || each.losses.some(({ isOpen }) => !isOpen));
    const isRefused = surely !== -1 || (losses.length > 0 && codeOf(first) === 'MIGRATION_DATA_LOSS');
    if (isRefused) {
      const shapes = states.map(({ shape }) => shape);
      const named = losses.map((loss) => ({ ...loss, names: namesOf(loss, shapes) }));
      // What the run as a whole takes away may be named before anything runs.
      const overall = ran.flatMap(({ state }) => lossesBetween(this.#affinity, start, state));
      // What a step that fails would have lost, the bare SQL does not tell.
      const unknown = failing === null ? [] : start.shape.tables.map((table) => namesOf(wholeOf(table), shapes));
      const names = [...named.map((loss) => loss.names), ...overall.map((loss) => namesOf(loss, shapes)), ...unknown];
      const refused = mustRefuse(first, { losses: names, sql, agreed: [] });
      // What a step that fails would have lost may be what was refused, where those before it lose nothing for sure.
      const losing = surely !== -1 ? surely : failing === null ? ran.length - 1 : ran.length;
      if (done > losing) throw new Error(`Refused, and yet ${done} of ${steps} ran\n${sql}`);
      if (agree === 'none') return done;
      const one = named.find((loss) => loss.names.some((name) => refused.has(name)));
      const others = named.filter((other) => !other.isOpen && !other.names.some((name) => one?.names.includes(name)));
      const agreedTo = (one?.names ?? []).filter((each) => refused.has(each));
      // Who lets one thing go has not let the next one go.
      if (agreedTo.length > 0 && others.length > 0 && agree === 'names')
        mustRefuse(await call(agreedTo), {
          losses: names.map((each) => each.filter((name) => !agreedTo.includes(name))),
          sql,
          agreed: agreedTo,
        });
      const agreed = await call(agree === 'all' ? true : names.flat());
      if (failing === null) mustEqual(agreed, null, sql);
      else mustFail(agreed, failing, sql);
    } else if (failing === null) mustEqual(first, null, sql);
    // What fails at its end may lose something, too, and be refused for that first.
    else mustFail(codeOf(first) === 'MIGRATION_DATA_LOSS' ? await call(true) : first, failing, sql);
    mustEqual(done, ran.length, sql);
    return done;
  }

  #appliedCount(): number {
    return Number(this.#beside.read('SELECT count(*) FROM "__drizzle_migrations"')[0]?.[0]);
  }
}

/** What the tables of `after` were called in `before`. */
function namesThen(before: Shape, after: Shape): ReadonlyMap<string, string> {
  return new Map(after.tables.map(({ tid, name }) => [name, tableOf(before, tid)?.name ?? name]));
}

/** The table whose rows lost their parents, in the words of a failure; null when all have theirs that had one. */
function newOrphans(
  before: ReadonlyMap<string, number | null>,
  after: ReadonlyMap<string, number | null>,
  called: ReadonlyMap<string, string>,
): string | null {
  for (const [table, count] of after) {
    const name = called.get(table) ?? table;
    const was = before.get(name) ?? (before.has(name) ? null : 0);
    if (count !== null && was !== null && count > was) return `rows of ${table} have no parent any more`;
  }
  return null;
}

/** What SQLite says of a view or trigger that worked before; null when all do. */
function newlyBroken(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string | null {
  for (const [object, said] of after) if (!before.has(object)) return `${object} does not work any more: ${said}`;
  return null;
}

/** Where a column stands is the planner's choice the first time, and must be the same again ever after. */
function adoptOrder(shape: Shape, { tables }: State['dump']): void {
  for (const table of shape.tables) {
    const order = tables.get(table.name)?.columns ?? [];
    table.columns.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  }
}
