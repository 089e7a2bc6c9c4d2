// Registers hooks on the blocks of a program and notes when they run.
import { isDatabaseError, type TransactionManager } from '../../src/index.js';
import { endedAt, isCommitted, type ModelFrame, never, type Oracle, rootOf } from './oracle.js';
import type { Node } from './scene.js';

interface Hook {
  readonly model: ModelFrame;
  commits: number;
  rollbacks: number;
}

/** The hooks of one run. */
export class Hooks {
  readonly #manager: TransactionManager;
  readonly #oracle: Oracle;
  readonly #hooks: Hook[] = [];
  readonly #ran = new Map<string, Hook[]>();

  constructor(manager: TransactionManager, oracle: Oracle) {
    this.#manager = manager;
    this.#oracle = oracle;
  }

  /** Registers one of each on `node`, or is refused because it has ended. */
  add(node: Node): void {
    const hook: Hook = { model: node.model, commits: 0, rollbacks: 0 };
    const root = rootOf(node.model.id);
    const outside = (): void => {
      if (this.#manager.current()) this.#oracle.violated(`a hook of ${node.model.id} ran inside a transaction`);
    };
    const onCommit = (): void => {
      outside();
      hook.commits += 1;
      this.#ran.set(root, [...(this.#ran.get(root) ?? []), hook]);
      if (this.#oracle.frames.get(root)?.endedAt !== this.#oracle.now) {
        this.#oracle.violated(`something ran between the COMMIT of ${root} and its hook`);
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
      if (ended) this.#oracle.violated(`${node.model.id} took a hook after its end`);
      this.#hooks.push(hook);
    } catch (error) {
      if (!ended || !isDatabaseError(error) || error.code !== 'TX_CLOSED')
        this.#oracle.violated(`afterCommit() threw ${String(error)}`);
    }
  }

  /** Compares what ran with what had to. */
  compare(): void {
    for (const hook of this.#hooks) {
      const [commits, rollbacks] = isCommitted(hook.model) ? [1, 0] : [0, 1];
      if (hook.commits !== commits || hook.rollbacks !== rollbacks) {
        this.#oracle.violated(`hooks of ${hook.model.id} ran ${hook.commits} and ${hook.rollbacks} times`);
      }
    }
    for (const [root, ran] of this.#ran) {
      const registered = this.#hooks.filter((hook) => ran.includes(hook));
      if (registered.some((hook, i) => hook !== ran[i])) this.#oracle.violated(`hooks of ${root} ran out of order`);
    }
  }
}
