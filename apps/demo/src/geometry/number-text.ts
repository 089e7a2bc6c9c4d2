// Turns the numbers of text formats into values, more strictly than `Number` and `parseFloat` do.

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Returns the value of a decimal number, and NaN for anything else: an empty text, `0x10`, `1,5`, `2mm`, `inf`. */
export function numberFrom(text: string | undefined): number {
  return text !== undefined && decimal.test(text) ? Number(text) : NaN;
}

/** Whether this is a number as many countries write it, which no format does. */
export function hasDecimalComma(word: string | undefined): boolean {
  return word !== undefined && /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$/.test(word);
}

/** Says what is wrong with the coordinates that these words should be. */
export function coordinateFault(words: readonly (string | undefined)[]): string {
  return words.some(hasDecimalComma)
    ? 'are not three finite numbers, but written with decimal commas'
    : 'are not three finite numbers';
}

/** Returns the value of a whole number from 0 on, white space around it aside, and Infinity for anything else. */
export function indexFrom(text: string | undefined): number {
  return text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : Infinity;
}
