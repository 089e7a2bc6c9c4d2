// Reads the numbers of text formats straight from their bytes, to the last bit as `Number` reads them.
// Used where there are millions of them: by `obj-rows.ts`, `stl-rows.ts` and `threemf-rows.ts`.

/** Below it there is room for one more digit in a whole number that a double holds exactly. */
const roomForDigit = 900_719_925_474_099;
/** So many further digits are a whole number that a double holds exactly, too. */
const mostRestDigits = 15;
/** The powers of ten that a double holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const zero = 0x30;
const plus = 0x2b;
const minus = 0x2d;
const point = 0x2e;

/** A place in bytes that moves forward over what is read. */
export class DecimalCursor {
  at = 0;

  /** Passes a decimal number; NaN for anything else, which it need not pass. What ends the number is left to the caller. */
  decimal(bytes: Buffer): number {
    const start = this.at;
    let at = start;
    let code = bytes[at] ?? 0;
    const isNegative = code === minus;
    if (isNegative || code === plus) code = bytes[++at] ?? 0;
    const first = at;
    let value = 0;
    // Of more digits than a whole number holds, those behind it are one of their own.
    let rest = 0;
    let restDigits = 0;
    for (; code >= zero && code <= 0x39; code = bytes[++at] ?? 0) {
      if (value < roomForDigit) value = value * 10 + (code - zero);
      else {
        if (restDigits < mostRestDigits) rest = rest * 10 + (code - zero);
        restDigits += 1;
      }
    }
    let digits = at - first;
    let exponent = 0;
    if (code === point) {
      code = bytes[++at] ?? 0;
      const fraction = at;
      for (; code >= zero && code <= 0x39; code = bytes[++at] ?? 0) {
        if (value < roomForDigit) value = value * 10 + (code - zero);
        else {
          if (restDigits < mostRestDigits) rest = rest * 10 + (code - zero);
          restDigits += 1;
        }
      }
      digits += at - fraction;
      exponent = fraction - at;
    }
    if (digits === 0) return NaN;
    if ((code | 0x20) === 0x65) {
      code = bytes[++at] ?? 0;
      const isSmall = code === minus;
      if (isSmall || code === plus) code = bytes[++at] ?? 0;
      if (!(code >= zero && code <= 0x39)) return NaN;
      let power = 0;
      for (; code >= zero && code <= 0x39; code = bytes[++at] ?? 0) power = Math.min(power * 10 + code - zero, 10_000);
      exponent += isSmall ? -power : power;
    }
    this.at = at;
    if (exponent > 22 || exponent < -22) return Number(bytes.toString('latin1', start, at));
    if (restDigits > 0) {
      const scaled = restDigits > mostRestDigits ? NaN : longDecimal(value, rest, restDigits, exponent);
      if (Number.isNaN(scaled)) return Number(bytes.toString('latin1', start, at));
      return isNegative ? -scaled : scaled;
    }
    // Two exact numbers: their product and quotient are rounded once, as the decimal itself would be.
    if (exponent < 0) value /= powers[-exponent] ?? NaN;
    else if (exponent > 0) value *= powers[exponent] ?? NaN;
    return isNegative ? -value : value;
  }

  /** Passes blanks: spaces and tabs. Returns whether there were any. */
  blanks(bytes: Buffer): boolean {
    const first = this.at;
    while (isBlank(bytes[this.at] ?? 0)) this.at += 1;
    return this.at > first;
  }
}

/** Whether a byte is a space or a tab. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Splits a double in two halves, whose products are exact. */
const splitter = 134_217_729;
/** More than what the sums of `longDecimal` may be wrong by, for each 1. */
const mostWrong = 2 ** -98;

/**
 * `value` and behind it the digits of `rest`, times a power of ten, which is worked out in sums of two doubles, to some 100 bits
 * (Dekker, "A floating-point technique for extending the available precision", 1971). NaN where the error of these, however
 * small, could decide which double is nearest.
 */
function longDecimal(value: number, rest: number, restDigits: number, exponent: number): number {
  const shift = powers[restDigits] ?? NaN;
  const product = value * shift;
  const high = product + rest;
  const low = lostIn(value, shift, product) + (rest - (high - product));
  const power = powers[Math.abs(exponent)] ?? NaN;
  let first = high;
  let second = low;
  if (exponent < 0) {
    first = high / power;
    const back = first * power;
    second = (high - back - lostIn(first, power, back) + low) / power;
  } else if (exponent > 0) {
    first = high * power;
    second = lostIn(high, power, first) + low * power;
  }
  const wrong = first * mostWrong;
  const least = first + (second - wrong);
  return least === first + (second + wrong) ? least : NaN;
}

/** What rounding has taken from a product: it is a double itself. */
function lostIn(a: number, b: number, product: number): number {
  const [ca, cb] = [a * splitter, b * splitter];
  const [ha, hb] = [ca - (ca - a), cb - (cb - b)];
  const [la, lb] = [a - ha, b - hb];
  return la * lb - (product - ha * hb - la * hb - ha * lb);
}
