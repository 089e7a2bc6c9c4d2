// Random programs of concurrent, nested blocks for the model test: what they consist of and how fast-check makes them.
import fc from 'fast-check';

/** Through what a statement is run: ambient SQL, a drizzle builder, the `Client` interface, or a transaction's handle. */
export type Via = 'sql' | 'builder' | 'client' | 'handle' | 'kept';

/** How a block is begun. `drizzle` is `db.transaction`, `savepoint` is the handle's method. */
export type BlockKind =
  | 'required'
  | 'nested'
  | 'requires_new'
  | 'mandatory'
  | 'supports'
  | 'not_supported'
  | 'never'
  | 'read'
  | 'requires_new_read'
  | 'drizzle'
  | 'savepoint';

/** A statement. `name` is one of a few shared names, so that some inserts break the unique constraint; null = a new one. */
export interface StatementStep {
  readonly do: 'insert' | 'insert_or_rollback' | 'update' | 'delete' | 'read';
  readonly name: number | null;
  readonly via: Via;
  readonly swallow: boolean;
}

/** A block around further steps. */
export interface BlockStep {
  readonly do: 'block';
  readonly kind: BlockKind;
  /** Whether an outermost transaction takes a signal that a later `abort` may fire. */
  readonly abortable: boolean;
  readonly swallow: boolean;
  readonly body: readonly Step[];
}

/** One step of a program. */
export type Step =
  | StatementStep
  | BlockStep
  | { readonly do: 'pause'; readonly microtasks: number; readonly turns: number }
  | { readonly do: 'parallel'; readonly all: boolean; readonly branches: readonly (readonly Step[])[] }
  | { readonly do: 'detached'; readonly body: readonly Step[] }
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'hooks' }
  | { readonly do: 'rollback' }
  | { readonly do: 'throw' };

/** What runs at the same time from the start. */
export type Program = readonly (readonly Step[])[];

const statement: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    { weight: 8, arbitrary: fc.constant<'insert'>('insert') },
    { weight: 2, arbitrary: fc.constant<'read'>('read') },
    { weight: 2, arbitrary: fc.constant<'update'>('update') },
    { weight: 1, arbitrary: fc.constant<'delete'>('delete') },
    { weight: 1, arbitrary: fc.constant<'insert_or_rollback'>('insert_or_rollback') },
  ),
  name: fc.option(fc.nat({ max: 2 }), { freq: 2, nil: null }),
  via: fc.constantFrom<Via>('sql', 'builder', 'client', 'handle', 'handle', 'kept'),
  swallow: fc.boolean(),
});

const pause: fc.Arbitrary<Step> = fc.record({
  do: fc.constant<'pause'>('pause'),
  microtasks: fc.nat({ max: 6 }),
  turns: fc.nat({ max: 2 }),
});

const simple = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'hooks' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'throw' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'rollback' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant<'abort'>('abort'), which: fc.nat({ max: 3 }) }) },
);

const blockKind = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<BlockKind>('required', 'savepoint', 'nested') },
  { weight: 2, arbitrary: fc.constantFrom<BlockKind>('drizzle', 'read') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<BlockKind>(
      'requires_new',
      'requires_new_read',
      'mandatory',
      'supports',
      'not_supported',
      'never',
    ),
  },
);

const { step } = fc.letrec<{ step: Step; steps: Step[] }>((tie) => ({
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 8, arbitrary: statement },
    { weight: 6, arbitrary: pause },
    { weight: 3, arbitrary: simple },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant<'block'>('block'),
        kind: blockKind,
        abortable: fc.boolean(),
        swallow: fc.boolean(),
        body: tie('steps'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant<'parallel'>('parallel'),
        all: fc.boolean(),
        branches: fc.array(tie('steps'), { minLength: 2, maxLength: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant<'detached'>('detached'), body: tie('steps') }) },
  ),
  steps: fc.array(tie('step'), { minLength: 1, maxLength: 5 }),
}));

/** One to four concurrent blocks with everything inside. */
export const program: fc.Arbitrary<Program> = fc.array(
  fc
    .tuple(
      fc.constantFrom<BlockKind>('required', 'required', 'required', 'nested', 'drizzle', 'read'),
      fc.boolean(),
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.array(fc.oneof(pause, statement), { maxLength: 2 }),
    )
    .map(([kind, abortable, body, around]): Step[] => [
      ...around,
      { do: 'block', kind, abortable, swallow: true, body },
    ]),
  { minLength: 1, maxLength: 4 },
);
