// Conditions on metadata values and their SQL. Each comparison stays within one type: the number 1 is not the text '1'.
import type { MetadataValue } from '@cc/schema';
import { modelMetadata, models } from '@cc/schema';
import { parseMetadataKey } from '@cc/schema/validation';
import { type SQL, sql } from 'drizzle-orm';
import { refuseUnknownKeys } from '../known-keys.js';
import type { Values } from '../statement.js';
import { toColumns } from './value.js';

/** How a metadata value is compared. */
export type MetadataOperator = '=' | '>' | '>=' | '<' | '<=' | 'exists' | 'prefix';

/**
 * One condition on a model's metadata:
 *
 * - `=`: the same type and value (text, number, boolean or null).
 * - `>` `>=` `<` `<=`: numbers by size, texts by their code points; never across the two.
 * - `exists`: the key is there, whatever its value.
 * - `prefix`: a text that begins with `value`, letter case included.
 */
export type MetadataCriterion =
  | { readonly key: string; readonly op: '='; readonly value: string | number | boolean | null }
  | { readonly key: string; readonly op: '>' | '>=' | '<' | '<='; readonly value: string | number }
  | { readonly key: string; readonly op: 'prefix'; readonly value: string }
  | { readonly key: string; readonly op: 'exists' };

/** A criterion after its checks. */
export interface Criterion {
  readonly key: string;
  readonly op: MetadataOperator;
  readonly value: MetadataValue;
}

/** Returns `criteria` checked. @throws TypeError that names the wrong field */
export function checkCriteria(criteria: readonly MetadataCriterion[]): readonly Criterion[] {
  if (!Array.isArray(criteria)) throw new TypeError('criteria must be a list of { key, op, value }');
  return criteria.map((criterion: MetadataCriterion) => {
    refuseUnknownKeys('criterion', criterion, ['key', 'op', 'value']);
    const key = parseMetadataKey(criterion.key);
    const { op } = criterion;
    const accepted = acceptedTypes[op];
    if (accepted === undefined) {
      throw new TypeError(`criterion.op must be one of ${Object.keys(acceptedTypes).join(' ')}`);
    }
    if (op === 'exists') return { key, op, value: null };
    const { value } = criterion;
    if (!accepted.includes(value === null ? 'null' : typeof value) || Number.isNaN(value)) {
      throw new TypeError(`criterion.value must be of type ${accepted.join(' or ')} with op '${op}'`);
    }
    return { key, op, value };
  });
}

const acceptedTypes: Readonly<Record<MetadataOperator, readonly string[]>> = {
  '=': ['string', 'number', 'boolean', 'null'],
  '>': ['string', 'number'],
  '>=': ['string', 'number'],
  '<': ['string', 'number'],
  '<=': ['string', 'number'],
  exists: [],
  prefix: ['string'],
};

/** Returns what makes the SQL of a criterion: its operator and the type of its value. */
export function criterionShape({ op, value }: Criterion): string {
  return `${op}${value === null ? 'null' : typeof value}`;
}

/** Returns the condition on `models.seq`, with the placeholders `<name>Key`, `<name>Value` and `<name>End`. */
export function criterionCondition(criterion: Criterion, name: string): SQL {
  return sql`${models.seq} in (select ${modelMetadata.modelSeq} from ${modelMetadata}
    where ${modelMetadata.key} = ${sql.placeholder(`${name}Key`)} and ${valueCondition(criterion, name)})`;
}

/** Returns the values of those placeholders, the key's excepted. */
export function criterionValue({ op, value }: Criterion, name: string): Values {
  if (op === 'exists' || value === null) return {};
  if (op === 'prefix') return { [`${name}Value`]: value, [`${name}End`]: `${String(value)}\u{10ffff}` };
  // Equal to zero is meant whatever its sign; the sign only matters to what is stored.
  const columns = toColumns(Object.is(value, -0) ? 0 : value);
  return { [`${name}Value`]: columns.valueText ?? columns.valueNumber };
}

// The literals are what the partial indexes of the table ask for: idx_metadata_key_text, idx_metadata_key_number.
function valueCondition({ op, value }: Criterion, name: string): SQL {
  const bound = sql.placeholder(`${name}Value`);
  if (op === 'exists') return sql`true`;
  if (value === null) return sql`${modelMetadata.valueType} = 'null'`;
  if (op === 'prefix') {
    return sql`${modelMetadata.valueType} = 'text' and ${modelMetadata.valueText} >= ${bound} and ${modelMetadata.valueText} < ${sql.placeholder(`${name}End`)}`;
  }
  if (typeof value === 'string') {
    return sql`${modelMetadata.valueType} = 'text' and ${modelMetadata.valueText} ${sql.raw(op)} ${bound}`;
  }
  const type = typeof value === 'boolean' ? sql`'boolean'` : sql`'number'`;
  return sql`${modelMetadata.valueType} = ${type} and ${modelMetadata.valueNumber} ${sql.raw(op)} ${bound}`;
}
