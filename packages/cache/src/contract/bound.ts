// What a cache needs of the transaction manager that it is bound to. Those of @cc/tx fit by structure, and say what each promises.

/** What a cache needs of a transaction that is open around a call; that of @cc/tx fits. */
export interface BoundTransaction {
  readonly mode: 'read' | 'write';
  afterCommit(hook: () => unknown): void;
  afterUnknown(hook: () => unknown): void;
}

/** What a load has read; that of @cc/tx fits. */
export interface BoundWitnessed<T> {
  readonly value: T;
  readonly doubt: string | undefined;
}

/** What tells whether a database is still as it was when something was read; that of @cc/tx fits, and says what each promises. */
export interface BoundChanges {
  look(by?: object): number | undefined;
  readonly statements: number;
  readonly asOf: number;
  ask(): Promise<boolean>;
  witness<T>(load: () => Promise<T>, about?: object): Promise<BoundWitnessed<T>>;
  loadAround(): unknown;
  readonly doubtfulReads: number;
  proof(): string | undefined;
  onClose(hook: (proof: string | undefined) => void): () => void;
}

/** What a cache needs of the transaction manager that it is bound to; that of @cc/tx fits. */
export interface BoundTransactions {
  /** Of the database, without credentials. */
  readonly url: string;
  readonly changes: BoundChanges;
  readonly capabilities?: { readonly encrypted: boolean };
  current(): BoundTransaction | undefined;
}
