// Moves positions by the transforms of 3MF builds, AMF constellations and glTF scenes.

/** Twelve numbers: the images of x, y and z, then the translation. 3MF writes exactly these; glTF adds a fourth row. */
export type Affine = readonly number[];

/** Leaves every position where it is. */
export const identity: Affine = Object.freeze([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);

/** Turns about an axis, x being 0, by the right-hand rule; quarter turns are exact. */
export function rotation(axis: 0 | 1 | 2, degrees: number): Affine {
  const [cosine, sine] = [cosineOf(degrees), cosineOf(degrees - 90)];
  const [next, last] = [(axis + 1) % 3, (axis + 2) % 3];
  const rows = [...identity];
  rows[next * 3 + next] = cosine;
  rows[next * 3 + last] = sine;
  rows[last * 3 + next] = 0 - sine;
  rows[last * 3 + last] = cosine;
  return rows;
}

function cosineOf(degrees: number): number {
  const quarters = Math.abs(degrees / 90) % 4;
  return Number.isInteger(quarters) ? ([1, 0, -1, 0][quarters] ?? NaN) : Math.cos((degrees / 180) * Math.PI);
}

/** Applies `inner` first, then `outer`. */
export function compose(outer: Affine, inner: Affine): Affine {
  const rows: number[] = [];
  for (let row = 0; row < 4; row += 1) {
    const [x, y, z] = [inner[row * 3] ?? NaN, inner[row * 3 + 1] ?? NaN, inner[row * 3 + 2] ?? NaN];
    for (let column = 0; column < 3; column += 1) {
      const moved = row === 3 ? (outer[9 + column] ?? NaN) : 0;
      rows.push(x * (outer[column] ?? NaN) + y * (outer[3 + column] ?? NaN) + z * (outer[6 + column] ?? NaN) + moved);
    }
  }
  return rows;
}

/** Returns the moved copy of x, y, z triples. */
export function transformed(positions: Float64Array, affine: Affine): Float64Array {
  if (affine === identity) return positions;
  const [
    a = NaN,
    b = NaN,
    c = NaN,
    d = NaN,
    e = NaN,
    f = NaN,
    g = NaN,
    h = NaN,
    i = NaN,
    tx = NaN,
    ty = NaN,
    tz = NaN,
  ] = affine;
  const moved = new Float64Array(positions.length);
  for (let at = 0; at < positions.length; at += 3) {
    const [x, y, z] = [positions[at] ?? NaN, positions[at + 1] ?? NaN, positions[at + 2] ?? NaN];
    moved[at] = x * a + y * d + z * g + tx;
    moved[at + 1] = x * b + y * e + z * h + ty;
    moved[at + 2] = x * c + y * f + z * i + tz;
  }
  return moved;
}

/** True when the transform turns a left hand into a right hand, so that triangles have to be walked backwards. */
export function mirrors(affine: Affine): boolean {
  const [a = NaN, b = NaN, c = NaN, d = NaN, e = NaN, f = NaN, g = NaN, h = NaN, i = NaN] = affine;
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) < 0;
}
