// Conditions on metadata values, alone or joined by all and any, checked. metadata-conditions.ts turns them into SQL.
import type { MetadataValue } from '@cc/schema';
import { parseMetadataKey } from '@cc/schema/validation';
import { checkText, entryOf, refuseUnknownKeys } from '../checks.js';
import type { MetadataCriteria, MetadataCriterion, MetadataOperator } from '../contract/metadata.js';

/** A criterion after its checks. */
export interface Criterion {
  readonly op: MetadataOperator;
  readonly value: MetadataValue;
}

/** Criteria on the value of one key, all of which must hold: with a lower and an upper bound they are one range. */
export interface KeyCondition {
  readonly kind: 'is';
  readonly key: string;
  readonly of: readonly [Criterion, ...Criterion[]];
}

/** Criteria after their checks. */
export type Condition = KeyCondition | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] };

const maxCriteria = 64;
const maxLevels = 8;

/** Returns `criteria` checked, as a list of conditions that must all hold. @throws TypeError that names the wrong field */
export function checkCriteria(criteria: MetadataCriteria): readonly Condition[] {
  let left = maxCriteria;
  const countOne = (): void => {
    left -= 1;
    if (left < 0) throw new TypeError(`criteria must not be more than ${maxCriteria}`);
  };
  const check = (given: MetadataCriteria, level: number): Condition => {
    if (level > maxLevels) throw new TypeError(`criteria must not be nested deeper than ${maxLevels} levels`);
    if (typeof given !== 'object' || given === null) {
      throw new TypeError('criteria must be { key, op, value }, { all: […] }, { any: […] } or a list of them');
    }
    const group = groupOf(given);
    if (group !== null) {
      if (group.of.length === 0) countOne();
      const of = Array.from(group.of, (one) => check(one, level + 1));
      return { kind: group.kind, of: group.kind === 'all' ? byKey(of) : of };
    }
    countOne();
    // groupOf has answered for every other form.
    return checkCriterion(given as MetadataCriterion);
  };
  const condition = check(criteria, 0);
  return condition.kind === 'all' ? condition.of : [condition];
}

/** Puts comparisons with the value of one key together. That a key is there is a question of its own. */
function byKey(conditions: readonly Condition[]): readonly Condition[] {
  const keys = new Map<string, KeyCondition>();
  const others: Condition[] = [];
  for (const condition of conditions) {
    if (condition.kind !== 'is' || condition.of[0].op === 'exists') {
      others.push(condition);
      continue;
    }
    const { key } = condition;
    const [first, ...more] = [...(keys.get(key)?.of ?? []), ...condition.of];
    if (first !== undefined) keys.set(key, { kind: 'is', key, of: [first, ...more] });
  }
  return [...keys.values(), ...others];
}

function groupOf(given: object): { kind: 'all' | 'any'; of: readonly MetadataCriteria[] } | null {
  if (Array.isArray(given)) return { kind: 'all', of: given };
  const kind = 'all' in given ? 'all' : 'any' in given ? 'any' : null;
  if (kind === null) return null;
  if ('all' in given && 'any' in given)
    throw new TypeError('criteria has both all and any, where one group has one of them: put one inside the other');
  refuseUnknownKeys('criteria', given, [kind]);
  const of: unknown = Reflect.get(given, kind);
  if (!Array.isArray(of)) throw new TypeError(`criteria.${kind} must be a list`);
  return { kind, of };
}

function checkCriterion(criterion: MetadataCriterion): KeyCondition {
  refuseUnknownKeys('criterion', criterion, ['key', 'op', 'value']);
  const key = parseMetadataKey(criterion.key);
  const { op } = criterion;
  const accepted = entryOf(acceptedTypes, op);
  if (accepted === undefined) {
    throw new TypeError(`criterion.op must be one of ${Object.keys(acceptedTypes).join(' ')}`);
  }
  if (op === 'exists') return { kind: 'is', key, of: [{ op, value: null }] };
  const { value } = criterion;
  if (
    !accepted.includes(value === null ? 'null' : typeof value) ||
    (typeof value === 'number' && !Number.isFinite(value))
  ) {
    throw new TypeError(`criterion.value must be of type ${accepted.join(' or ')} with op '${op}'`);
  }
  return {
    kind: 'is',
    key,
    of: [{ op, value: typeof value === 'string' ? checkText('criterion.value', value) : value }],
  };
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
