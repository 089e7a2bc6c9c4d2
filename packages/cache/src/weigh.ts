// One walk over a value before it is kept: refuses what is not plain data, estimates the bytes (well below a
// microsecond per kilobyte; serialising costs ten times as much), and finds the parts that no freeze can protect.
import { type Container, kindOf } from './plain-data.js';

/** Which parts each caller gets a copy of: `shared` none, `date` and `whole` all, a list only the named entries of a container. */
export type CopyPlan = 'shared' | 'date' | 'whole' | readonly (readonly [key: string, plan: CopyPlan])[];

/** What the walk found. */
export interface Weighed {
  readonly bytes: number;
  readonly plan: CopyPlan;
}

/** Weighs `value`. @throws TypeError that names the path of the first part that is not plain data */
export function weigh(value: unknown): Weighed {
  const walk = new Walk();
  const plan = walk.visit(value, 0);
  return { bytes: walk.bytes, plan };
}

/** Bytes of a text on the heap: one for each character, or two when any is outside Latin-1. */
export function textBytes(text: string): number {
  return 24 + (beyondLatin1.test(text) ? text.length * 2 : text.length);
}

const beyondLatin1 = /[\u0100-\uffff]/;
const deepest = 100;
const objectBytes = 56;
const slotBytes = 8;
const dateBytes = 96;
const bufferBytes = 160;
const bagSlotBytes = 40;

class Walk {
  bytes = 0;
  readonly #path: string[] = [];

  visit(value: unknown, depth: number): CopyPlan {
    if (typeof value === 'string') {
      this.bytes += textBytes(value);
      return 'shared';
    }
    if (typeof value === 'number') {
      this.bytes += Number.isInteger(value) ? 0 : 16;
      return 'shared';
    }
    if (typeof value === 'boolean' || value == null) return 'shared';
    if (typeof value === 'bigint') {
      this.bytes += 32;
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
        this.bytes += dateBytes;
        return 'date';
      case 'bytes':
        this.bytes += bufferBytes + bytesOf(value as ArrayBufferLike | ArrayBufferView);
        return 'whole';
      case 'bag':
        this.bytes += objectBytes;
        for (const item of value as Iterable<unknown>) {
          this.bytes += bagSlotBytes;
          // The entries of a Map are arrays, so its keys are walked too.
          this.visit(item, depth + 1);
        }
        return 'whole';
      default:
        throw this.#refusal(`an instance of ${value.constructor?.name ?? 'a class'}`);
    }
  }

  #visitContainer(value: Container, depth: number): CopyPlan {
    this.bytes += objectBytes;
    let steps: [string, CopyPlan][] | undefined;
    for (const key of Object.keys(value)) {
      this.bytes += slotBytes;
      this.#path.push(key);
      if (key === '__proto__') throw this.#refusal('a key that would change the prototype of a copy');
      const plan = this.visit(value[key], depth + 1);
      this.#path.pop();
      if (plan !== 'shared') (steps ??= []).push([key, plan]);
    }
    if (steps === undefined) return 'shared';
    this.bytes += steps.length * bagSlotBytes;
    return steps;
  }

  #refusal(what: string): TypeError {
    const path = this.#path.slice(0, 8).join('.');
    return new TypeError(`Only plain data can be cached; the value${path && ` at '${path}'`} is ${what}`);
  }
}

function bytesOf(value: ArrayBufferLike | ArrayBufferView): number {
  // A view keeps the whole buffer behind it alive; a Buffer is copied to its own bytes when it is kept.
  return ArrayBuffer.isView(value) && !Buffer.isBuffer(value) ? value.buffer.byteLength : value.byteLength;
}
