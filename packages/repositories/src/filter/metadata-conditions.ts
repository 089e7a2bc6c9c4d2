// Conditions on metadata as SQL, in two forms: a look at the values of one model, and the numbers of the models of a value.
// Each comparison stays within one type: the number 1 is not the text '1'.
import { modelMetadata, models } from '@cc/schema';
import { type SQL, sql } from 'drizzle-orm';
import { toColumns } from '../rows/metadata-value.js';
import type { Values } from '../statement.js';
import { afterPrefix, isBefore } from '../text/after-prefix.js';
import type { Condition, Criterion, KeyCondition } from './metadata-criteria.js';

/** A condition with a name for each criterion, so that its values have places in a statement. */
export interface NamedCondition {
  /** Equal for conditions with the same SQL text. */
  readonly shape: string;
  readonly values: Values;
  /** True for a model that meets it: looks the values of `models.seq` up one by one. */
  readonly probe: SQL;
  /** Selects the numbers of models among which all are that meet it; empty when nothing can. */
  readonly candidates: SQL;
  /**
   * True for the rows of `model_metadata` of the models that meet it, which an index has in the order of their numbers; null
   * when no index has.
   */
  readonly inOrder: SQL | null;
  /**
   * Whether every candidate, and every row in order, is of a model that meets it: the condition need not be looked at again.
   * False when they meet a part of it.
   */
  readonly exact: boolean;
  /** How many candidates there are, at most `max` to a criterion. */
  readonly countUpTo: (max: number) => SQL;
}

/** Returns the SQL of `condition`; `name` begins the names of its placeholders. */
export function nameCondition(condition: Condition, name: string): NamedCondition {
  if (condition.kind === 'is') return nameKeyCondition(condition, name);
  const of = condition.of.map((one, i) => nameCondition(one, `${name}_${i}`));
  const { kind } = condition;
  const values: Values = Object.assign({}, ...of.map((one) => one.values));
  const shape = `${kind}(${of.map((one) => one.shape).join()})`;
  const [first] = of;
  if (first === undefined) {
    const probe = kind === 'all' ? sql`true` : sql`false`;
    // All of nothing is met by everybody, any of nothing by nobody.
    const candidates = kind === 'all' ? sql`select seq from ${models}` : sql`select null where false`;
    const countUpTo = (max: number) => sql.raw(kind === 'all' ? String(max) : '0');
    return { shape, values, probe, candidates, inOrder: null, exact: true, countUpTo };
  }
  const probe = sql`(${sql.join(
    of.map((one) => one.probe),
    sql.raw(kind === 'all' ? ' and ' : ' or '),
  )})`;
  if (kind === 'all') {
    // The first one leads to the models, the others are looked at.
    const { candidates, inOrder, countUpTo } = first;
    return { shape, values, probe, candidates, inOrder, exact: of.length === 1 && first.exact, countUpTo };
  }
  return {
    shape,
    values,
    probe,
    inOrder: null,
    exact: of.every((one) => one.exact),
    candidates: sql.join(
      of.map((one) => one.candidates),
      sql` union all `,
    ),
    countUpTo: (max) =>
      sql.join(
        of.map((one) => sql`(${one.countUpTo(max)})`),
        sql` + `,
      ),
  };
}

function nameKeyCondition({ key, of }: KeyCondition, name: string): NamedCondition {
  const keyed = sql`${modelMetadata.key} = ${sql.placeholder(`${name}Key`)}`;
  const values: Values = Object.assign({ [`${name}Key`]: key }, ...of.map((one, i) => boundValue(one, `${name}_${i}`)));
  const shape = of.map(({ op, value }) => `${op}${value === null ? 'null' : typeof value}`).join('&');
  const probe = (compared: SQL): SQL => sql`exists (select 1 from ${modelMetadata}
      where ${modelMetadata.modelSeq} = ${models.seq} and ${keyed}${compared})`;
  if (of[0].op === 'exists') {
    // Each part has an index of its own.
    const candidates = sql.join(
      everyKind.map((kind) => sql`select ${modelMetadata.modelSeq} from ${modelMetadata} where ${keyed} and ${kind}`),
      sql` union all `,
    );
    const counted = sql`coalesce((select models from model_counts where kind = 'key' and value = ${sql.placeholder(`${name}Key`)}), 0)`;
    return { shape, values, probe: probe(sql``), candidates, inOrder: null, exact: true, countUpTo: () => counted };
  }
  const compared = sql.join(
    of.map((one, i) => valueCondition(one, `${name}_${i}`)),
    sql` and `,
  );
  const matching = sql`${keyed} and ${compared}`;
  const rows = (column: SQL): SQL => sql`select ${column} from ${modelMetadata} where ${matching}`;
  return {
    shape,
    values,
    probe: probe(sql` and ${compared}`),
    candidates: rows(sql`${modelMetadata.modelSeq}`),
    inOrder: of.some(({ op }) => op === '=') ? matching : null,
    exact: true,
    countUpTo: (max) => sql`(select count(*) from (${rows(sql`1`)} limit ${sql.raw(String(max))}))`,
  };
}

function boundValue({ op, value }: Criterion, name: string): Values {
  if (value === null) return {};
  if (op === 'prefix') return { [`${name}Value`]: value, [`${name}End`]: afterPrefix(String(value)) };
  // Equal to zero is meant whatever its sign; the sign only matters to what is stored.
  const columns = toColumns(Object.is(value, -0) ? 0 : value);
  return { [`${name}Value`]: columns.valueText ?? columns.valueNumber };
}

// The literals are what the partial indexes of the table ask for: idx_metadata_key_text, _number and _other.
const isText = sql`value_type = 'text'`;
const isOther = sql`value_type <> 'text' and value_number is null`;
const everyKind = [isText, sql`value_number is not null`, isOther];

function valueCondition({ op, value }: Criterion, name: string): SQL {
  const bound = sql.placeholder(`${name}Value`);
  if (value === null) return sql`${isOther} and ${modelMetadata.valueType} = 'null'`;
  if (op === 'prefix') {
    return sql`${isText} and ${modelMetadata.valueText} >= ${bound} and ${isBefore(modelMetadata.valueText, `${name}End`)}`;
  }
  if (typeof value === 'string') return sql`${isText} and ${modelMetadata.valueText} ${sql.raw(op)} ${bound}`;
  const type = typeof value === 'boolean' ? sql`'boolean'` : sql`'number'`;
  return sql`${modelMetadata.valueType} = ${type} and ${modelMetadata.valueNumber} ${sql.raw(op)} ${bound}`;
}
