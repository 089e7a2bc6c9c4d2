// Runs one program on a real manager and compares, call by call, what came back with what the model allows.
// program.ts says what runs, oracle.ts follows what is in the table.
import { isDatabaseError, type Transaction, type TransactionManager } from '../../src/index.js';
import { begin, execute, items } from './calls.js';
import { Hooks } from './hooks.js';
import { endedAt, isLost, type ModelFrame, never, type Operation, Oracle, shown } from './oracle.js';
import type { BlockStep, Program, StatementStep, Step } from './program.js';
import {
  type Abort,
  abortedAround,
  Body,
  type Context,
  countLoose,
  type Entry,
  entryOf,
  handleAt,
  handleFor,
  mayRunIn,
  type Node,
} from './scene.js';

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
  readonly #aborts: Abort[] = [];
  readonly #nodes = new Map<string, Node>();
  readonly #hooks: Hooks;
  readonly #inserted: { readonly operation: Operation; fulfilled: boolean }[] = [];
  #count = 0;

  constructor(manager: TransactionManager) {
    this.#manager = manager;
    this.oracle = new Oracle(manager.capabilities.concurrentReads);
    this.#hooks = new Hooks(manager, this.oracle);
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
        for (let i = 0; i < step.microtasks; i += 1) await Promise.resolve();
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
        if (context.node) this.#hooks.add(context.node);
        return;
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
    const ended = endedAt(node.model) !== never && !isLost(node.model);
    try {
      return node.tx.rollback();
    } catch (error) {
      if (codeOf(error) !== (ended ? 'TX_CLOSED' : 'TX_ROLLBACK'))
        this.oracle.violated(`rollback() threw ${String(error)}`);
      throw error;
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
    const settled = await settle(execute(handle?.tx.db ?? this.#manager.db, operation, step.via));
    this.oracle.tick();
    this.#compareStatement(operation, settled, { handle, context, started });
    if (step.name === null && step.do === 'insert') this.#inserted.push({ operation, fulfilled: 'value' in settled });
    if ('error' in settled && !step.swallow) throw settled.error;
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
          `executed in ${executed?.frame?.id}, ${'error' in settled ? `rejected with ${String(error)}` : `resolved to ${String(settled.value)}`}`,
      );
    if (executed) {
      if (!mayRunIn(executed.frame, context.node, expected)) complain('ran in the wrong place');
      if (executed.errorType !== null) {
        if (!isDatabaseError(error) || error.type !== executed.errorType) complain(`expected ${executed.errorType}`);
      } else {
        const fits = (value: unknown): boolean =>
          verb === 'read' ? this.oracle.couldSee(operation, value) : value === executed.rowsAffected;
        if (!('value' in settled) || !fits(settled.value)) complain(`expected ${shown(executed.seen)}`);
      }
      return;
    }
    const code = codeOf(error);
    if (expected) {
      // Its place is chosen at once and may end while the statement waits for its turn.
      const ended = [expected, context.node].some((each) => each && endedAt(each.model) <= this.oracle.now);
      const closed = code === 'TX_CLOSED' && ended;
      const aborted = code === 'ABORTED' && abortedAround(expected) <= this.oracle.now;
      const refused =
        expected.model.mode === 'read' && verb !== 'read' && isDatabaseError(error) && error.type === 'readonly';
      if (!closed && !aborted && !refused) complain('never ran');
    } else if (
      code !== 'WOULD_DEADLOCK' ||
      !this.#waitsForItself(context, verb === 'read' ? 'read' : 'write', started)
    ) {
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
      const running = this.#body(step, context, { expected, body, started, abort });
      this.#letLive(running);
      return running;
    };
    const settled = await settle(
      begin(this.#manager, step.kind, work, { handle: handle?.tx, signal: abort?.controller.signal }),
    );
    this.oracle.tick();
    const where = `block ${step.kind} (in ${context.node?.model.id}, through ${handle?.model.id ?? 'the manager'}, started at ${started}, entered ${body.node?.model.id})`;
    const error = 'error' in settled ? settled.error : undefined;
    const outcome = 'error' in settled ? (codeOf(error) ?? 'other') : 'fulfilled';
    if (!body.entered) {
      const refusals = {
        join: [
          around && endedAt(around.model) <= this.oracle.now ? 'TX_CLOSED' : '',
          around?.model.mode === 'read' && mode === 'write' ? 'TX_READ_ONLY' : '',
          // It asks the limits around it as a statement does.
          around && abortedAround(around) <= this.oracle.now ? 'ABORTED' : '',
        ],
        // Its parent is chosen at once and may end while the block waits for its turn.
        nest: [handle, context.node].flatMap((each) => [
          each && endedAt(each.model) <= this.oracle.now ? 'TX_CLOSED' : '',
          each && abortedAround(each) <= this.oracle.now ? 'ABORTED' : '',
        ]),
        begin: [
          this.#waitsForItself(context, mode, started) ? 'WOULD_DEADLOCK' : '',
          abort && abort.at <= this.oracle.now ? 'ABORTED' : '',
        ],
        none: [],
        refuse: [step.kind === 'mandatory' ? 'TX_REQUIRED' : 'TX_FORBIDDEN'],
      }[expected];
      if (!refusals.some((code) => code === outcome))
        this.oracle.violated(`${where}: not entered, ${outcome} ${String(error)}`);
    } else {
      if (body.node && expected !== 'join') body.node.fulfilled = outcome === 'fulfilled';
      const allowed = this.#outcomes(expected, body, abort?.at ?? never);
      const same = 'error' in settled && body.threw !== undefined && error === body.threw.error;
      if (!allowed.includes(outcome) && !(same && allowed.includes('thrown'))) {
        this.oracle.violated(
          `${where}: ${outcome} ${error === undefined ? '' : String(error)}, allowed: ${allowed.join(', ')}`,
        );
      }
      if (outcome === 'TX_ROLLBACK_ONLY' && !same && body.node) this.#compareCause(body.node, error, where);
      if (expected === 'join')
        for (const failure of body.node?.failures ?? []) if (failure.error === error) failure.certain = true;
    }
    if (body.node) context.kept = body.node;
    if ('error' in settled && !step.swallow) throw error;
  }

  async #body(
    step: BlockStep,
    context: Context,
    { expected, body, started, abort }: { expected: Entry; body: Body; started: number; abort: Abort | undefined },
  ): Promise<void> {
    body.entered = true;
    const tx = this.#manager.current();
    const node = expected === 'none' ? null : tx ? this.#nodeOf(tx, expected, context) : null;
    body.node = node;
    if (node && expected === 'begin') this.oracle.askedFor(node.model, started);
    if (node && abort) node.abort = abort;
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
    if (abortedAround(node) <= now) may.push('ABORTED');
    return body.failedAtEnd || lost <= end ? may : [...may, 'fulfilled'];
  }

  #compareCause(node: Node, error: unknown, where: string): void {
    const cause = error instanceof Error ? error.cause : undefined;
    if (node.failures.length === 0 || node.model.diedAt !== never) return;
    if (!node.failures.some((failure) => failure.error === cause)) {
      this.oracle.violated(`${where}: the cause ${String(cause)} is no error that escaped a joined block`);
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
      if (kept !== table.has(name))
        oracle.violated(`${name} is ${kept ? 'missing' : 'there'}: not as its blocks ended`);
    }
    this.#hooks.compare();
    const { openTransactions, writerBusy, writersWaiting, readersBusy, readersWaiting } = this.#manager.stats();
    const left = [openTransactions, Number(writerBusy), writersWaiting, readersBusy, readersWaiting];
    if (left.some((count) => count !== 0)) oracle.violated(`left over: ${left.join()}`);
  }

  #allFulfilled(frame: ModelFrame | null): boolean {
    if (!frame) return true;
    return (this.#nodes.get(frame.id)?.fulfilled ?? false) && this.#allFulfilled(frame.parent);
  }
}

type Settled = { readonly value: unknown; readonly error?: undefined } | { readonly error: unknown };
async function settle(work: Promise<unknown>): Promise<Settled> {
  return work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

function codeOf(error: unknown): string | undefined {
  return isDatabaseError(error) ? error.code : undefined;
}
