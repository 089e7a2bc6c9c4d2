// What callers hand in is checked before any SQL runs, and the message names the field.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseMetadataKey,
  parseMetadataValue,
  parseModelId,
  parseModelInput,
  parseModelPatch,
  parseTagName,
  refuseUnknownKeys,
  tagKey,
  textLimits,
} from '../src/validation.js';

const model = {
  name: 'Gear',
  format: 'stl',
  fileName: 'gear.stl',
  filePath: '/gear.stl',
  fileHash: 'abc',
  fileSize: 84,
};

describe('a model', () => {
  it('is a copy with its dates: what its caller makes of them later changes nothing', () => {
    const [createdAt, printedAt] = [new Date(1), new Date(2)];
    const input = parseModelInput({ ...model, createdAt });
    const patch = parseModelPatch({ printedAt });
    createdAt.setTime(Number.NaN);
    printedAt.setTime(0);
    expect([input.createdAt, patch.printedAt]).toEqual([new Date(1), new Date(2)]);
  });

  it('passes with the least and with everything', () => {
    expect(parseModelInput(model)).toEqual(model);
    const full = {
      ...model,
      id: '0192f3a0-1111-7222-8333-444455556666',
      description: null,
      fileModifiedAt: new Date(1),
      parseStatus: 'parsed',
      parseError: null,
      triangles: 12,
      vertices: 8,
      minX: -0.5,
      maxX: 0.5,
      volume: 1,
      rating: 5,
      favorite: true,
      status: 'archived',
      createdAt: new Date(2),
    };
    expect(parseModelInput(full)).toEqual(full);
  });

  it('is refused for its misspelt field before the one that is missing', () => {
    const { name, ...rest } = model;
    expect(() => parseModelInput({ ...rest, nam: name })).toThrow(`model has no 'nam'. Did you mean 'name'?`);
    expect(() => parseModelInput({ nam: name })).toThrow(`model has no 'nam'. Did you mean 'name'?`);
    expect(() => parseModelInput({ ...model, rating: 6, auther: 'x' })).toThrow(`Did you mean 'author'?`);
    expect(() => parseModelPatch({ Name: 1, name: 1 })).toThrow(`model has no 'Name'. Did you mean 'name'?`);
    expect(() => parseModelInput(rest)).toThrow('model.name must be a text, and is missing');
  });

  it('is told the field that was meant where two neighbouring letters changed places', () => {
    const fields =
      /It takes (.+)$/.exec(String(problemOf(() => parseModelInput({ ...model, zz: 1 }))))?.[1]?.split(', ') ?? [];
    expect(fields).toContain('name');
    for (const field of fields) {
      for (let at = 0; at + 1 < field.length; at += 1) {
        const typed = field.slice(0, at) + field.charAt(at + 1) + field.charAt(at) + field.slice(at + 2);
        if (typed === field) continue;
        expect(() => parseModelInput({ ...model, [typed]: 1 })).toThrow(
          `model has no '${typed}'. Did you mean '${field}'?`,
        );
      }
    }
  });

  it.each([
    ['a Map', new Map([['name', 'x']])],
    ['a Date', new Date(0)],
    ['a promise', Promise.resolve(model)],
    ['what inherits', Object.create(model) as object],
  ])('is not %s, which holds its values elsewhere', (_, hidden) => {
    for (const parse of [
      parseModelInput,
      parseModelPatch,
      (value: unknown) => refuseUnknownKeys('model', value as object, ['name']),
    ])
      expect(() => parse(hidden)).toThrow('model must be an object, with its values as properties of its own');
  });

  it('may come from a class', () => {
    class Gear {
      readonly name = 'Gear';
    }
    expect(parseModelPatch(new Gear())).toEqual({ name: 'Gear' });
    expect(parseModelPatch({})).toEqual({});
  });

  it('is told what there is where nothing near was meant', () => {
    for (const key of ['x', 'zz', 'unheardOf', 'ab', 'made']) {
      expect(() => parseModelInput({ ...model, [key]: 1 })).toThrow(
        new RegExp(`^model has no '${key}'\\. It takes (?:\\w+, )+\\w+$`),
      );
    }
    expect(() => parseModelInput({ ...model, fav: true })).toThrow(`Did you mean 'favorite'?`);
  });

  it.each([
    ['model.name', { name: '' }],
    ['model.name', { name: 5 }],
    ['model.name', { name: 'a\0b' }],
    ['model.name', { name: 'a\ud800' }],
    ['model.name', { name: 'x'.repeat(textLimits.name + 1) }],
    ['model.format', { format: 'doc' }],
    ['model.fileSize', { fileSize: -1 }],
    ['model.fileSize', { fileSize: Number.NaN }],
    ['model.fileSize', { fileSize: 1.5 }],
    ['model.fileSize', { fileSize: 2 ** 53 }],
    ['model.triangles', { triangles: Number.POSITIVE_INFINITY }],
    ['model.volume', { volume: Number.NaN }],
    ['model.rating', { rating: 6 }],
    ['model.createdAt', { createdAt: new Date(Number.NaN) }],
    ['model.createdAt', { createdAt: '2026-01-01' }],
    ['model.id', { id: 'not-an-id' }],
    ['model.favorite', { favorite: 1 }],
    ["'colour'", { colour: 'red' }],
    ["'seq'", { seq: 1 }],
    ['model.parseError', { parseStatus: 'unparsed' }],
    ['model.parseError', { parseError: 'why' }],
  ])('names %s in %j', (field, change) => {
    const parse = (): unknown => parseModelInput({ ...model, ...change });
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(field);
  });

  it('is patched by any of its fields, and by nothing', () => {
    expect(parseModelPatch({})).toEqual({});
    expect(parseModelPatch({ rating: null, name: 'New' })).toEqual({ rating: null, name: 'New' });
    expect(() => parseModelPatch({ id: '0192f3a0-1111-7222-8333-444455556666' })).toThrow("'id'");
    expect(() => parseModelPatch(null)).toThrow(TypeError);
  });
});

describe('ids, keys, tags and values', () => {
  it('take UUIDs in lower case only', () => {
    expect(parseModelId('0192f3a0-1111-7222-8333-444455556666')).toBe('0192f3a0-1111-7222-8333-444455556666');
    for (const wrong of [
      '',
      '0192F3A0-1111-7222-8333-444455556666',
      7,
      null,
      `0192f3a0-1111-7222-8333-444455556666\n`,
    ]) {
      expect(() => parseModelId(wrong)).toThrow(TypeError);
    }
  });

  it('trim tags, keep their spelling, and fold them for comparison', () => {
    expect(parseTagName('  Hex Bolt ')).toBe('Hex Bolt');
    expect(tagKey('ＨＥＸ Bolt')).toBe('hex bolt');
    for (const wrong of ['', '   ', 'a\nb', 5]) expect(() => parseTagName(wrong)).toThrow(TypeError);
    expect(() => parseMetadataKey('')).toThrow(TypeError);
  });

  it('take every JSON value, and name what is none', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        expect(parseMetadataValue(value)).toEqual(value);
      }),
    );
    for (const wrong of [
      undefined,
      Number.NaN,
      1n,
      new Date(),
      () => 1,
      Symbol('x'),
      { a: undefined },
      [1n],
      ['\ud800'],
      { 'a\0': 1 },
    ]) {
      expect(() => parseMetadataValue(wrong)).toThrow(TypeError);
    }
  });

  it('are copies of what was checked: no getter, Proxy or toJSON says something else when they are written', () => {
    let reads = 0;
    const once = { enumerable: true, get: () => (reads++ === 0 ? 1 : Number.NaN) };
    const list: unknown[] = Object.assign([1, [2]], { toJSON: () => 'another' });
    const shifting = new Proxy([1], { get: (of, name) => (name === '0' ? reads++ : Reflect.get(of, name)) });
    const value = { once: Object.defineProperty({}, 'x', once), list, shifting };
    expect(JSON.stringify(parseMetadataValue(value))).toBe('{"once":{"x":1},"list":[1,[2]],"shifting":[1]}');
    expect(JSON.stringify(parseMetadataValue(JSON.parse('{"__proto__":{"a":[]}}')))).toBe('{"__proto__":{"a":[]}}');
  });

  it('name the place of what cannot be kept, however deep it lies', () => {
    const placeOf = (wrong: unknown) => (problemOf(() => parseMetadataValue(wrong)) as Error).message;
    expect(placeOf({ a: [1, { b: 2n }] })).toMatch(/^value at a\.1\.b: must not be a bigint/);
    let deep: unknown = 1;
    for (let i = 600; i > 0; i -= 1) deep = { [`k${i}`]: deep };
    expect(placeOf(deep)).toBe(
      'value at k1.k2.k3.k4.k5.k6.…491 more….k498.k499.k500: must not be nested deeper than 500',
    );
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(placeOf(circle).length).toBeLessThan(200);
    expect(placeOf({ ['long '.repeat(10_000)]: 1n }).length).toBeLessThan(250);
  });
});

function problemOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
