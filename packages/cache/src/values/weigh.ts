// One walk over a value before it is kept: refuses what is not plain data, estimates the bytes (well below a
// microsecond per kilobyte; serialising costs ten times as much), and finds the parts that no freeze can protect.
import { types } from 'node:util';
import { type Container, hasNames, kindOf } from './plain-data.js';
import { shapes } from './shapes.js';

/** Which parts each caller gets a copy of: `shared` none, `date` and `whole` all, a list only the named entries of a container. */
export type CopyPlan = 'shared' | 'date' | 'whole' | readonly (readonly [key: string, plan: CopyPlan])[];

/** What the walk found. */
export interface Weighed {
  readonly bytes: number;
  readonly plan: CopyPlan;
}

/**
 * Weighs `value`; where it is found to be above `mostBytes` the walk ends, and the weight is Infinity.
 *
 * @throws TypeError that names the path of the first part that is not plain data
 */
export function weigh(value: unknown, mostBytes = Number.POSITIVE_INFINITY): Weighed {
  const walk = new Walk(mostBytes);
  try {
    const plan = walk.visit(value, 0);
    return { bytes: walk.bytes, plan };
  } catch (error) {
    if (error === tooLarge) return { bytes: Number.POSITIVE_INFINITY, plan: 'shared' };
    throw error;
  }
}

/** Ends a walk: parts that hang together many times over would be visited for hours. */
const tooLarge = new Error('the walk has ended');

/** Bytes of a text on the heap: one for each character, or two when any is outside Latin-1. */
export function textBytes(text: string): number {
  return 24 + (beyondLatin1.test(text) ? text.length * 2 : text.length);
}

const beyondLatin1 = /[\u0100-\uffff]/;
/** Bytes of a whole number of any length: 64 bits to a digit of the engine. */
function bigintBytes(value: bigint): number {
  if (BigInt.asIntN(64, value) === value) return 32;
  return 24 + Math.ceil(value.toString(16).length / 16) * 8;
}

const deepest = 100;
const objectBytes = 56;
const slotBytes = 8;
const dateBytes = 96;
const bufferBytes = 240;
const bagBytes = 180;
const bagSlotBytes = 40;
/** Beside its text, for a key that no object before has had in its place. */
const newKeyBytes = 125;
/** Of a plan that is no word: the list, and each step of it. */
const planBytes = 48;
const stepBytes = 72;
/** Objects without prototype are hash tables of their own. */
const bareObjectBytes = 160;
const bareSlotBytes = 24;
/** Of an array with holes, whether there is something in it or not. */
const holeBytes = 12;

class Walk {
  bytes = 0;
  readonly #mostBytes: number;
  readonly #path: string[] = [];

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  visit(value: unknown, depth: number): CopyPlan {
    if (typeof value === 'string') {
      this.bytes += textBytes(value);
      return 'shared';
    }
    if (typeof value === 'number') {
      // Whole numbers of 31 bits lie in the slot itself.
      this.bytes += value === value >> 0 ? 0 : 16;
      return 'shared';
    }
    if (typeof value === 'boolean' || value == null) return 'shared';
    if (typeof value === 'bigint') {
      this.bytes += bigintBytes(value);
      return 'shared';
    }
    if (typeof value !== 'object') throw this.#refusal(`a ${typeof value}`);
    if (depth > deepest) throw this.#refusal(`nested more than ${deepest} deep, or in a circle`);
    return this.#visitObject(value, depth);
  }

  #visitObject(value: object, depth: number): CopyPlan {
    switch (kindOf(value)) {
      case 'container':
        return this.#visitContainer(value as Container, depth);
      case 'date':
        this.#refuseNames(value);
        this.bytes += dateBytes;
        return 'date';
      case 'bytes':
        // A copy of their own is kept.
        this.bytes += bufferBytes + (value as ArrayBufferLike | ArrayBufferView).byteLength;
        return 'whole';
      case 'bag':
        this.#refuseNames(value);
        this.bytes += bagBytes;
        (value as Map<unknown, unknown> | Set<unknown>).forEach((item: unknown, key: unknown) => {
          this.bytes += bagSlotBytes;
          if (this.bytes > this.#mostBytes) throw tooLarge;
          this.visit(item, depth + 1);
          if (types.isMap(value)) this.visit(key, depth + 1);
        });
        return 'whole';
      default:
        throw this.#refusal(`an instance of ${value.constructor?.name ?? 'a class'}`);
    }
  }

  #visitContainer(value: Container, depth: number): CopyPlan {
    this.bytes += objectBytes;
    let steps: [string, CopyPlan][] | undefined;
    const keys = Object.keys(value);
    this.#refuseHidden(value, keys);
    if (Array.isArray(value)) {
      if (keys.length < value.length) this.bytes += value.length * holeBytes;
    } else {
      this.#weighKeys(value, keys);
    }
    if (this.bytes > this.#mostBytes) throw tooLarge;
    for (const key of keys) {
      this.bytes += slotBytes;
      this.#path.push(key);
      if (key === '__proto__') throw this.#refusal('a key that would change the prototype of a copy');
      const plan = this.visit(value[key], depth + 1);
      this.#path.pop();
      if (plan !== 'shared') (steps ??= []).push([key, plan]);
    }
    if (steps === undefined) return 'shared';
    // Of what is copied part by part the names would be left out.
    if (Array.isArray(value) && hasNames(keys)) return 'whole';
    this.bytes += planBytes + steps.length * stepBytes;
    // Without the room that a list has for more.
    return steps.slice();
  }

  /** What no walk over the keys sees would be shared and could be changed; what is computed would differ from hit to hit. */
  #refuseHidden(value: Container, keys: readonly string[]): void {
    // Apart: `Reflect.ownKeys` takes ten times as long as these two together.
    const named = Object.getOwnPropertyNames(value).length - (Array.isArray(value) ? 1 : 0);
    if (named !== keys.length || Object.getOwnPropertySymbols(value).length > 0) {
      throw this.#refusal('an object with hidden properties, or with symbols as keys');
    }
    for (const key of keys) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property?.get || property?.set) throw this.#refusal('an object whose values are computed by getters');
    }
  }

  /** What a copy of a date or a bag would lose. */
  #refuseNames(value: object): void {
    if (Reflect.ownKeys(value).length > 0) throw this.#refusal('a date, Map or Set with properties of its own');
  }

  #weighKeys(value: object, keys: readonly string[]): void {
    if (Object.getPrototypeOf(value) === null) this.bytes += bareObjectBytes + keys.length * bareSlotBytes;
    if (keys.length === 0 || shapes.isKnown(keys)) return;
    for (const key of keys) this.bytes += textBytes(key) + newKeyBytes;
  }

  #refusal(what: string): TypeError {
    const path = this.#path.slice(0, 8).join('.');
    return new TypeError(`Only plain data can be cached; the value${path && ` at '${path}'`} is ${what}`);
  }
}
