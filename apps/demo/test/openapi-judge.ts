// A reader of the OpenAPI description that knows nothing of zod: what fits a schema, and requests made from one.
import fc from 'fast-check';

/** A schema of the description. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly format?: string;
}

/** One route of the description. */
export interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

/** The description. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Follows a reference. */
function resolved(schema: Schema, { components }: Description): Schema {
  if (schema.$ref === undefined) return schema;
  const found = components.schemas[schema.$ref.replace('#/components/schemas/', '')];
  if (found === undefined) throw new Error(`the description lacks ${schema.$ref}`);
  return found;
}

/** Where a value does not fit a schema; null when it does. */
export function misfit(value: unknown, given: Schema, description: Description, at = '$'): string | null {
  const schema = resolved(given, description);
  const inner = (v: unknown, s: Schema, where: string): string | null => misfit(v, s, description, where);
  for (const part of schema.allOf ?? []) {
    const wrong = inner(value, part, at);
    if (wrong !== null) return wrong;
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices?.every((choice) => inner(value, choice, at) !== null)) return `${at} fits no choice`;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return `${at} is none of the values`;
  if (schema.const !== undefined && schema.const !== value) return `${at} is not the value`;
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const isOf = types.some((one) => one === type || (one === 'integer' && Number.isInteger(value)));
  if (types.length > 0 && !isOf) return `${at} is of type ${type}`;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const of = schema.prefixItems?.[i] ?? schema.items;
      const wrong = of === undefined ? null : inner(item, of, `${at}[${i}]`);
      if (wrong !== null) return wrong;
    }
  } else if (typeof value === 'object' && value !== null) {
    const lacking = schema.required?.find((key) => !Object.hasOwn(value, key));
    if (lacking !== undefined) return `${at} lacks ${lacking}`;
    for (const [key, item] of Object.entries(value)) {
      const of = schema.properties?.[key];
      if (of === undefined && schema.additionalProperties === false) return `${at}.${key} is unknown`;
      const wrong = of === undefined ? null : inner(item, of, `${at}.${key}`);
      if (wrong !== null) return wrong;
    }
  }
  return null;
}

/** What means something to the server. */
export interface Known {
  readonly ids: readonly string[];
  readonly texts: readonly string[];
}

/** Values that fit a schema, and now and then one that does not. */
export function valueOf(given: Schema, description: Description, known: Known, depth = 0): fc.Arbitrary<unknown> {
  const schema = resolved(given, description);
  const odd = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(...oddTexts),
    fc.jsonValue({ maxDepth: 1 }),
  );
  if (depth > 6) return odd;
  const fitting = fittingValue(schema, known, (inner) => valueOf(inner, description, known, depth + 1));
  return fc.oneof({ weight: 40, arbitrary: fitting }, { weight: 1, arbitrary: odd });
}

function fittingValue(
  schema: Schema,
  { ids, texts }: Known,
  inner: (schema: Schema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(inner));
  if (schema.allOf !== undefined) return fc.tuple(...schema.allOf.map(inner)).map((all) => Object.assign({}, ...all));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const [type] = types;
  if (types.includes('null') && types.length > 1) return fc.option(inner({ ...schema, type: type ?? 'null' }));
  switch (type) {
    case 'object': {
      const properties = Object.entries(schema.properties ?? {});
      if (properties.length === 0) return fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue());
      const fields = properties.map(([key, one]): [string, fc.Arbitrary<unknown>] => [key, inner(one)]);
      const requiredKeys = (schema.required ?? []).filter((key) => schema.properties?.[key] !== undefined);
      return fc.record(Object.fromEntries(fields), { requiredKeys });
    }
    case 'array':
      return fc.array(inner(schema.items ?? {}), { minLength: 1, maxLength: 3 });
    case 'integer':
      return fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) }, { weight: 1, arbitrary: fc.integer() });
    case 'number':
      return fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 0, max: 1_000 }) },
        { weight: 1, arbitrary: fc.double() },
      );
    case 'boolean':
      return fc.boolean();
    case 'string':
      if (schema.format === 'date-time') {
        const range = { min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true };
        return fc.date(range).map((date) => date.toISOString());
      }
      if (schema.format === 'uuid') return fc.constantFrom(...ids);
      return fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...texts) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
      );
    default:
      return fc.jsonValue();
  }
}

const oddTexts = [
  '',
  '../../../../etc/passwd',
  '%2e%2e%2f',
  '\0',
  '\ud800',
  'NaN',
  '-0',
  '1e999',
  '__proto__',
  'constructor',
  '9'.repeat(400),
];
