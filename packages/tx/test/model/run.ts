// Runs one program on a real manager and compares, call by call, what came back with what the model allows.
// program.ts says what runs, oracle.ts follows what is in the table.
import { sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { type Database, isDatabaseError, type Transaction, type TransactionManager } from '../../src/index.js';
import { endedAt, isCommitted, type ModelFrame, never, type Operation, Oracle, rootOf, shown } from './oracle.js';
import type { BlockStep, Program, StatementStep, Step } from './program.js';

const items = sqliteTable('items', {
  name: text('name').primaryKey(),
  amount: integer('amount').notNull().default(0),
});

/** A transaction or savepoint as the program holds it. */
interface Node {
  readonly model: ModelFrame;
  readonly tx: Transaction;
  readonly parent: Node | null;
  /** Work inside it that its block does not wait for. */
  loose: number;
  /** Errors that escaped joined blocks; certain once their callers have seen them. */
  readonly failures: { readonly error: unknown; certain: boolean }[];
  fulfilled: boolean;
}

/** Where a step stands. */
interface Context {
  readonly node: Node | null;
  /** Open transactions around it whose connections it would wait for, also those that were set aside. */
  readonly held: readonly Node[];
  /** Of the same transaction, outermost first. */
  readonly handles: readonly Node[];
  /** The transaction or savepoint of the last block that ended in this body. */
  kept: Node | null;
}

interface Hook {
  readonly model: ModelFrame;
  commits: number;
  rollbacks: number;
}

type Settled = { readonly value: unknown; readonly error?: undefined } | { readonly error: unknown };
type Entry = 'join' | 'nest' | 'begin' | 'none' | 'refuse';

/** Runs `program`, waits until nothing of it is left, and returns the contradictions to the model. */
export async function runProgram(manager: TransactionManager, program: Program): Promise<readonly string[]> {
  await manager.db.run('create table items (name text primary key, amount integer not null default 0)');
  const run = new Run(manager);
  const stop = manager.subscribe(run.oracle.listen);
  try {
    await run.everything(program);
  } finally {
    stop();
  }
  return run.oracle.violations;
}

class Run {
  readonly oracle: Oracle;
  readonly #manager: TransactionManager;
  readonly #alive = new Set<Promise<unknown>>();
  readonly #aborts: { readonly controller: AbortController; at: number }[] = [];
  readonly #nodes = new Map<string, Node>();
  readonly #hooks: Hook[] = [];
  readonly #ran = new Map<string, Hook[]>();
  readonly #inserted: { readonly operation: Operation; fulfilled: boolean }[] = [];
  #count = 0;

  constructor(manager: TransactionManager) {
    this.#manager = manager;
    this.oracle = new Oracle(manager.capabilities.concurrentReads);
  }

  async everything(program: Program): Promise<void> {
    for (const steps of program) {
      const context = { node: null, held: [], handles: [], kept: null };
      this.#letLive(this.#steps(steps, context));
    }
    while (this.#alive.size > 0) await Promise.all(this.#alive);
    await this.#compareTheEnd();
  }

  #letLive(work: Promise<unknown>): void {
    const quiet = work
      .catch(() => undefined)
      .finally(() => {
        this.#alive.delete(quiet);
      });
    this.#alive.add(quiet);
  }

  async #steps(steps: readonly Step[], context: Context): Promise<void> {
    for (const step of steps) {
      this.oracle.tick();
      const current = this.#manager.current()?.id;
      if (current !== context.node?.model.id) {
        this.oracle.violated(`the context is in ${current}, not in ${context.node?.model.id}`);
      }
      await this.#step(step, context);
    }
  }

  async #step(step: Step, context: Context): Promise<void> {
    switch (step.do) {
      case 'pause':
        for (let i = 0; i < step.microtasks; i += 1) await undefined;
        for (let i = 0; i < step.turns; i += 1) await new Promise((resolve) => setImmediate(resolve));
        return;
      case 'block':
        return this.#block(step, context);
      case 'parallel': {
        const branches = step.branches.map((steps) => this.#loosely(steps, context));
        if (step.all) await Promise.all(branches);
        else await Promise.allSettled(branches);
        return;
      }
      case 'detached':
        this.#letLive(this.#loosely(step.body, context));
        return;
      case 'abort': {
        const abort = this.#aborts[step.which % Math.max(1, this.#aborts.length)];
        if (!abort || abort.at !== never) return;
        abort.at = this.oracle.tick();
        abort.controller.abort(new Error('changed my mind'));
        return;
      }
      case 'hooks':
        return this.#addHooks(context);
      case 'rollback':
        return context.node ? this.#rollback(context.node) : undefined;
      case 'throw':
        throw new Error('thrown by the program');
      default:
        return this.#statement(step, context);
    }
  }

  /** Runs steps that the block around them may not wait for. */
  #loosely(steps: readonly Step[], context: Context): Promise<void> {
    const { node } = context;
    countLoose(node, 1);
    const work = this.#steps(steps, { ...context, kept: null }).finally(() => countLoose(node, -1));
    this.#letLive(work);
    return work;
  }

  #rollback(node: Node): never {
    const ended = endedAt(node.model) !== never;
    try {
      return node.tx.rollback();
    } catch (error) {
      if (codeOf(error) !== (ended ? 'TX_CLOSED' : 'TX_ROLLBACK')) this.oracle.violated(`rollback() threw ${error}`);
      throw error;
    }
  }

  #addHooks({ node }: Context): void {
    if (!node) return;
    const hook: Hook = { model: node.model, commits: 0, rollbacks: 0 };
    const root = rootOf(node.model.id);
    const outside = (): void => {
      if (this.#manager.current()) this.oracle.violated(`a hook of ${node.model.id} ran inside a transaction`);
    };
    const onCommit = (): void => {
      outside();
      hook.commits += 1;
      this.#ran.set(root, [...(this.#ran.get(root) ?? []), hook]);
      if (this.oracle.frames.get(root)?.endedAt !== this.oracle.now) {
        this.oracle.violated(`something ran between the COMMIT of ${root} and its hook`);
      }
    };
    const onRollback = (): void => {
      outside();
      hook.rollbacks += 1;
    };
    const ended = endedAt(node.model) !== never;
    try {
      node.tx.afterCommit(onCommit);
      node.tx.afterRollback(onRollback);
      if (ended) this.oracle.violated(`${node.model.id} took a hook after its end`);
      this.#hooks.push(hook);
    } catch (error) {
      if (!ended || codeOf(error) !== 'TX_CLOSED') this.oracle.violated(`afterCommit() threw ${error}`);
    }
  }

  async #statement(step: StatementStep, context: Context): Promise<void> {
    this.#count += 1;
    const tag = `s${this.#count}`;
    const name = step.name === null ? tag : `shared${step.name}`;
    const operation: Operation = { tag, verb: step.do, name, executed: null };
    this.oracle.add(operation);
    const handle = handleFor(step, context, this.#count);
    const started = this.oracle.tick();
    const settled = await settle(this.#execute(operation, step, handle?.tx.db));
    this.oracle.tick();
    this.#compareStatement(operation, settled, { handle, context, started });
    if (step.name === null && step.do === 'insert') this.#inserted.push({ operation, fulfilled: 'value' in settled });
    if ('error' in settled && !step.swallow) throw settled.error;
  }

  /** Every way resolves to the rows, as text, or to the number of rows that changed. */
  async #execute({ tag, verb, name }: Operation, { via }: StatementStep, bound?: Database): Promise<unknown> {
    const db = bound ?? this.#manager.db;
    const note = `/* ${tag} */`;
    if (verb === 'read' && via === 'builder') {
      return listed(await db.select().from(items).where(sql.raw(`1 ${note}`)));
    }
    if (verb === 'insert' && via === 'builder') {
      return (await db.insert(items).values({ name }).returning({ one: sql.raw(`1 ${note}`) })).length;
    }
    const text = statements[verb].replace('/**/', note);
    const args = verb === 'read' ? [] : [name];
    if (via === 'client') {
      const { rows, rowsAffected } = await db.$client.execute({ sql: text, args });
      return verb === 'read' ? listed(rows) : rowsAffected;
    }
    const [before = '', after = ''] = text.split('?');
    if (verb === 'read') return listed(await db.all(sql.raw(text)));
    return (await db.run(sql`${sql.raw(before)}${name}${sql.raw(after)}`)).rowsAffected;
  }

  #compareStatement(
    operation: Operation,
    settled: Settled,
    { handle, context, started }: { handle: Node | null; context: Context; started: number },
  ): void {
    const { tag, verb, executed } = operation;
    const expected = handle ?? context.node;
    const error = 'error' in settled ? settled.error : undefined;
    const complain = (why: string): void =>
      this.oracle.violated(
        `${tag} (${verb}, in ${context.node?.model.id}, through ${handle?.model.id ?? 'the manager'}, started at ${started}): ${why}; ` +
          `executed in ${executed?.frame?.id}, ${'error' in settled ? `rejected with ${error}` : `resolved to ${settled.value}`}`,
      );
    if (executed) {
      if (!mayRunIn(executed.frame, context.node, expected)) complain('ran in the wrong place');
      if (executed.errorType !== null) {
        if (!isDatabaseError(error) || error.type !== executed.errorType) complain(`expected ${executed.errorType}`);
      } else {
        const value = verb === 'read' ? shown(executed.seen) : executed.rowsAffected;
        if (!('value' in settled) || settled.value !== value) complain(`expected ${value}`);
      }
      return;
    }
    const code = codeOf(error);
    if (expected) {
      const closed = code === 'TX_CLOSED' && endedAt(expected.model) <= this.oracle.now;
      const refused = expected.model.mode === 'read' && verb !== 'read' && isDatabaseError(error) && error.type === 'readonly';
      if (!closed && !refused) complain('never ran');
    } else if (code !== 'WOULD_DEADLOCK' || !this.#waitsForItself(context, verb === 'read' ? 'read' : 'write', started)) {
      complain('never ran');
    }
  }

  async #block(step: BlockStep, context: Context): Promise<void> {
    const mode = step.kind === 'read' || step.kind === 'requires_new_read' ? 'read' : 'write';
    const handle = step.kind === 'drizzle' || step.kind === 'savepoint' ? handleAt(context, step.body.length) : null;
    const expected = entryOf(step, context, handle);
    const abort =
      expected === 'begin' && step.abortable && step.kind !== 'drizzle' && step.kind !== 'savepoint'
        ? { controller: new AbortController(), at: never }
        : undefined;
    if (abort) this.#aborts.push(abort);
    const started = this.oracle.tick();
    const around = handle ?? context.node;
    const body = new Body();
    const work = (): Promise<void> => {
      const running = this.#body(step, context, expected, body);
      this.#letLive(running);
      return running;
    };
    const settled = await settle(this.#begin(step, work, handle, abort?.controller.signal));
    this.oracle.tick();
    const where = `block ${step.kind} (in ${context.node?.model.id}, through ${handle?.model.id ?? 'the manager'}, started at ${started}, entered ${body.node?.model.id})`;
    const error = 'error' in settled ? settled.error : undefined;
    const outcome = 'error' in settled ? (codeOf(error) ?? 'other') : 'fulfilled';
    if (!body.entered) {
      const refusals = {
        join: [
          around && endedAt(around.model) <= this.oracle.now ? 'TX_CLOSED' : '',
          around?.model.mode === 'read' && mode === 'write' ? 'TX_READ_ONLY' : '',
        ],
        nest: [around && endedAt(around.model) <= this.oracle.now ? 'TX_CLOSED' : ''],
        begin: [
          this.#waitsForItself(context, mode, started) ? 'WOULD_DEADLOCK' : '',
          abort && abort.at <= this.oracle.now ? 'ABORTED' : '',
        ],
        none: [],
        refuse: [step.kind === 'mandatory' ? 'TX_REQUIRED' : 'TX_FORBIDDEN'],
      }[expected];
      if (!refusals.some((code) => code === outcome)) this.oracle.violated(`${where}: not entered, ${outcome} ${error}`);
    } else {
      if (body.node && expected !== 'join') body.node.fulfilled = outcome === 'fulfilled';
      const allowed = this.#outcomes(expected, body, abort?.at ?? never);
      const same = 'error' in settled && body.threw !== undefined && error === body.threw.error;
      if (!allowed.includes(outcome) && !(same && allowed.includes('thrown'))) {
        this.oracle.violated(`${where}: ${outcome} ${error ?? ''}, allowed: ${allowed.join(', ')}`);
      }
      if (outcome === 'TX_ROLLBACK_ONLY' && !same && body.node) this.#compareCause(body.node, error, where);
      if (expected === 'join') for (const failure of body.node?.failures ?? []) if (failure.error === error) failure.certain = true;
    }
    if (body.node) context.kept = body.node;
    if ('error' in settled && !step.swallow) throw error;
  }

  async #begin(step: BlockStep, work: () => Promise<void>, handle: Node | null, signal?: AbortSignal): Promise<void> {
    const manager = this.#manager;
    const options = signal ? { signal } : {};
    switch (step.kind) {
      case 'drizzle':
        return (handle?.tx ?? manager).db.transaction(work);
      case 'savepoint':
        return handle ? handle.tx.savepoint(work) : manager.transaction(work, { ...options, propagation: 'nested' });
      case 'read':
        return manager.read(work, options);
      case 'requires_new_read':
        return manager.transaction(work, { ...options, propagation: 'requires_new', mode: 'read' });
      default:
        return manager.transaction(work, { ...options, propagation: step.kind });
    }
  }

  async #body(step: BlockStep, context: Context, expected: Entry, body: Body): Promise<void> {
    body.entered = true;
    const tx = this.#manager.current();
    const node = expected === 'none' ? null : tx ? this.#nodeOf(tx, expected, context) : null;
    body.node = node;
    if ((node === null) !== (expected === 'none' || expected === 'refuse')) {
      this.oracle.violated(`block ${step.kind} entered with ${tx?.id}, expected ${expected}`);
    }
    if (expected === 'begin' && node && this.#waitsForItself(context, node.model.mode, this.oracle.now)) {
      this.oracle.violated(`block ${step.kind} began ${node.model.id}, which waits for the transaction around it`);
    }
    const fresh = expected === 'begin' || expected === 'none';
    const inner: Context = {
      node,
      held: expected === 'begin' && node ? [...context.held, node] : context.held,
      handles: node ? [...(fresh ? [] : context.handles), node] : [],
      kept: null,
    };
    try {
      await this.#steps(step.body, inner);
      body.end = this.oracle.tick();
      body.looseAtEnd = node?.loose ?? 0;
      body.failedAtEnd = node?.failures.some(({ certain }) => certain) ?? false;
    } catch (error) {
      body.end = this.oracle.tick();
      body.threw = { error };
      if (expected === 'join') node?.failures.push({ error, certain: false });
      throw error;
    }
  }

  #nodeOf(tx: Transaction, expected: Entry, context: Context): Node {
    const model = this.oracle.frames.get(tx.id);
    if (!model) throw new Error(`${tx.id} never began`);
    const known = this.#nodes.get(tx.id);
    const joins = expected === 'join';
    if (joins !== (known !== undefined)) this.oracle.violated(`a block entered ${tx.id} by ${expected}`);
    if (joins && known !== context.node) this.oracle.violated(`a block joined ${tx.id}, not ${context.node?.model.id}`);
    if (known) return known;
    const parent = model.parent ? (this.#nodes.get(model.parent.id) ?? null) : null;
    if (expected === 'begin' && model.parent) this.oracle.violated(`${tx.id} is a savepoint, not a transaction`);
    const node: Node = { model, tx, parent, loose: 0, failures: [], fulfilled: false };
    this.#nodes.set(tx.id, node);
    return node;
  }

  /** What the promise of a block whose body was entered may come to. */
  #outcomes(expected: Entry, body: Body, abortedAt: number): string[] {
    const { node, threw, end } = body;
    const { now } = this.oracle;
    const thrown = threw ? ['thrown'] : [];
    if (!node || expected === 'join') return threw ? thrown : ['fulfilled'];
    if (abortedAt <= end) return ['ABORTED'];
    const may = abortedAt <= now ? ['ABORTED'] : [];
    if (threw) return [...may, ...thrown];
    if (body.looseAtEnd > 0) may.push('TX_UNAWAITED_WORK');
    const failed = node.failures.length > 0;
    // For a savepoint its parent's end, for a transaction the end that the engine made.
    const lost = node.parent ? endedAt(node.parent.model) : node.model.diedAt;
    if (failed || (!node.parent && lost <= now)) may.push('TX_ROLLBACK_ONLY');
    if (node.parent && lost <= now) may.push('TX_CLOSED');
    return body.failedAtEnd || lost <= end ? may : [...may, 'fulfilled'];
  }

  #compareCause(node: Node, error: unknown, where: string): void {
    const cause = error instanceof Error ? error.cause : undefined;
    if (node.failures.length === 0 || node.model.diedAt !== never) return;
    if (!node.failures.some((failure) => failure.error === cause)) {
      this.oracle.violated(`${where}: the cause ${cause} is no error that escaped a joined block`);
    }
  }

  /** Whether the connection that a call of `mode` needs is held by a transaction around it (since `started`). */
  #waitsForItself({ held }: Context, mode: 'read' | 'write', started: number): boolean {
    const beside = this.#manager.capabilities.concurrentReads;
    return held.some(({ model }) => {
      if (model.overAt < started) return false;
      return !(beside && (mode === 'read' || model.mode === 'read'));
    });
  }

  async #compareTheEnd(): Promise<void> {
    const { oracle } = this;
    const table = new Map((await this.#manager.db.select().from(items)).map(({ name, amount }) => [name, amount]));
    if (shown(table) !== shown(oracle.committed)) {
      oracle.violated(`the table has ${shown(table)}, the model ${shown(oracle.committed)}`);
    }
    for (const { operation, fulfilled } of this.#inserted) {
      const { name, executed } = operation;
      const kept = fulfilled && executed !== null && this.#allFulfilled(executed.frame);
      if (kept !== table.has(name)) oracle.violated(`${name} is ${kept ? 'missing' : 'there'}: not as its blocks ended`);
    }
    for (const hook of this.#hooks) {
      const [commits, rollbacks] = isCommitted(hook.model) ? [1, 0] : [0, 1];
      if (hook.commits !== commits || hook.rollbacks !== rollbacks) {
        oracle.violated(`hooks of ${hook.model.id} ran ${hook.commits} and ${hook.rollbacks} times`);
      }
    }
    for (const [root, ran] of this.#ran) {
      const registered = this.#hooks.filter((hook) => ran.includes(hook));
      if (registered.some((hook, i) => hook !== ran[i])) oracle.violated(`hooks of ${root} ran out of order`);
    }
    const { openTransactions, writerBusy, writersWaiting, readersBusy, readersWaiting } = this.#manager.stats();
    const left = [openTransactions, Number(writerBusy), writersWaiting, readersBusy, readersWaiting];
    if (left.some((count) => count !== 0)) oracle.violated(`left over: ${left}`);
  }

  #allFulfilled(frame: ModelFrame | null): boolean {
    if (!frame) return true;
    return (this.#nodes.get(frame.id)?.fulfilled ?? false) && this.#allFulfilled(frame.parent);
  }
}

/** What is known of a block's body. */
class Body {
  entered = false;
  node: Node | null = null;
  end = never;
  threw: { readonly error: unknown } | undefined;
  looseAtEnd = 0;
  failedAtEnd = false;
}

const statements = {
  insert: 'insert into items (name) values (?) /**/',
  insert_or_rollback: 'insert or rollback into items (name) values (?) /**/',
  update: 'update items set amount = amount + 1 where name = ? /**/',
  delete: 'delete from items where name = ? /**/',
  read: 'select name, amount from items /**/',
};

function listed(rows: readonly unknown[]): string {
  const pairs = (rows as readonly { name: string; amount: number }[]).map(({ name, amount }) => [name, amount] as const);
  return shown(new Map(pairs));
}

async function settle(work: Promise<unknown>): Promise<Settled> {
  return work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

function codeOf(error: unknown): string | undefined {
  return isDatabaseError(error) ? error.code : undefined;
}

function countLoose(node: Node | null, by: 1 | -1): void {
  for (let each = node; each; each = each.parent) each.loose += by;
}

/** A call belongs to the savepoint it is made in, or when that has ended to one around it, up to that of its handle. */
function mayRunIn(frame: ModelFrame | null, node: Node | null, expected: Node | null): boolean {
  if (frame === (expected?.model ?? null)) return true;
  for (let each = node; each && each !== expected; each = each.parent) if (each.model === frame) return true;
  return false;
}

function handleAt({ handles }: Context, which: number): Node | null {
  return handles[which % Math.max(1, handles.length)] ?? null;
}

function handleFor({ via }: StatementStep, context: Context, which: number): Node | null {
  if (via === 'kept') return context.kept;
  return via === 'handle' ? handleAt(context, which) : null;
}

function entryOf({ kind }: BlockStep, { node }: Context, handle: Node | null): Entry {
  switch (kind) {
    case 'mandatory':
      return node ? 'join' : 'refuse';
    case 'required':
    case 'read':
      return node ? 'join' : 'begin';
    case 'supports':
      return node ? 'join' : 'none';
    case 'not_supported':
      return 'none';
    case 'never':
      return node && endedAt(node.model) === never ? 'refuse' : 'none';
    case 'requires_new':
    case 'requires_new_read':
      return 'begin';
    default:
      return node || handle ? 'nest' : 'begin';
  }
}
