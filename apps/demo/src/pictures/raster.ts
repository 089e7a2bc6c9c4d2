// A picture in the making: triangles and points, already turned to the viewer, become samples, and those become pixels.
// `drawing.ts` says where everything lies in the picture. Memory is that of the samples, however many triangles come.

/** Pixels of a picture each way. */
export const pictureSide = 256;
/** Samples of a pixel each way: their share that is covered makes the edges smooth. */
export const samplesPerPixel = 3;
/** Samples of a picture each way. */
export const sampleSide = pictureSide * samplesPerPixel;

/** Samples of a point each way: four pixels. */
const dotSide = 4 * samplesPerPixel;

/** Of so few samples a model is thinner than three pixels, for it is as long as the picture has room. */
const fewSamples = sampleSide * 3 * samplesPerPixel;
/** Samples that such a model grows by on each side: it would fade out, or be nothing but a point. */
const growth = 4;
/** Samples that a line lies behind its triangle: whatever is drawn there as a surface hides it. */
const lineDepth = 2;

/** The triangles of one picture. x counts samples to the right, y downwards, z towards the viewer. */
export class Raster {
  /** How near each sample is; −Infinity where nothing is. */
  readonly #depths = new Float32Array(sampleSide * sampleSide).fill(-Infinity);
  readonly #lights = new Uint8Array(sampleSide * sampleSide);
  #hasPoints = false;

  /** Adds a triangle, whichever way it faces, in one shade. */
  triangle(
    ax: number,
    ay: number,
    az: number,
    bx: number,
    by: number,
    bz: number,
    cx: number,
    cy: number,
    cz: number,
  ): void {
    const [px, py, pz] = [bx - ax, by - ay, bz - az];
    const [qx, qy, qz] = [cx - ax, cy - ay, cz - az];
    const [nx, ny, nz] = [py * qz - pz * qy, pz * qx - px * qz, px * qy - py * qx];
    const light = lightOn(nx, ny, nz);
    const [slopeX, slopeY] = nz === 0 ? [0, 0] : [-nx / nz, -ny / nz];
    // Where a triangle is seen from its edge, its plane says nothing about depth: it is no nearer than its corners.
    const [nearest, farthest] = [Math.max(az, bz, cz), Math.min(az, bz, cz)];
    const last = Math.min(Math.floor(Math.max(ay, by, cy)), sampleSide - 1);
    let seen = 0;
    for (let y = Math.max(Math.ceil(Math.min(ay, by, cy)), 0); y <= last; y += 1) {
      this.#left = Math.min(ax, bx, cx);
      this.#right = Math.max(ax, bx, cx);
      this.#cut(y, ax, ay, bx, by, nz);
      this.#cut(y, bx, by, cx, cy, nz);
      this.#cut(y, cx, cy, ax, ay, nz);
      const end = Math.min(Math.floor(this.#right), sampleSide - 1);
      for (let x = Math.max(Math.ceil(this.#left), 0); x <= end; x += 1) {
        const depth = az + (x - ax) * slopeX + (y - ay) * slopeY;
        this.#put(x, y, Math.min(Math.max(depth, farthest), nearest), light);
        seen += 1;
      }
    }
    // It lies between the samples. A scan of a million such triangles is a surface all the same.
    if (seen === 0) this.#put(Math.round(ax), Math.round(ay), az, light);
    // It is thinner than a sample: what is left of it is its longest side.
    const [ab, bc, ca] = [reach(ax - bx, ay - by), reach(bx - cx, by - cy), reach(cx - ax, cy - ay)];
    if (seen >= Math.max(ab, bc, ca)) return;
    if (ab >= bc && ab >= ca) this.#line(ax, ay, az, bx, by, bz, light);
    else if (bc >= ca) this.#line(bx, by, bz, cx, cy, cz, light);
    else this.#line(cx, cy, cz, ax, ay, az, light);
  }

  /** Adds a point, as a dot that the eye finds when there are few. */
  point(x: number, y: number, z: number): void {
    this.#hasPoints = true;
    const [left, top] = [Math.round(x) - dotSide / 2, Math.round(y) - dotSide / 2];
    for (let at = 0; at < dotSide * dotSide; at += 1) {
      this.#put(left + (at % dotSide), top + Math.floor(at / dotSide), z, 200);
    }
  }

  /** The pixels as red, green, blue and opacity, row by row. */
  pixels(): Uint8Array {
    const pixels = new Uint8Array(pictureSide * pictureSide * 4);
    const perPixel = samplesPerPixel * samplesPerPixel;
    if (!this.#hasPoints) this.#thicken();
    for (let pixel = 0; pixel < pictureSide * pictureSide; pixel += 1) {
      const first = Math.floor(pixel / pictureSide) * samplesPerPixel * sampleSide;
      const column = (pixel % pictureSide) * samplesPerPixel;
      let [covered, light] = [0, 0];
      for (let at = 0; at < perPixel; at += 1) {
        const sample = first + Math.floor(at / samplesPerPixel) * sampleSide + column + (at % samplesPerPixel);
        if (this.#depths[sample] === -Infinity) continue;
        covered += 1;
        light += this.#lights[sample] ?? 0;
      }
      if (covered === 0) continue;
      const share = light / covered / 255;
      for (const [channel, most] of paint.entries()) pixels[pixel * 4 + channel] = Math.round(most * share);
      pixels[pixel * 4 + 3] = Math.round((covered / perPixel) * 255);
    }
    return pixels;
  }

  #left = 0;
  #right = 0;

  /**
   * Narrows a row to the inner side of an edge. Two triangles at one edge get the very same number, because walking it
   * the other way only changes signs: no gap is left between them.
   */
  #cut(y: number, fromX: number, fromY: number, toX: number, toY: number, area: number): void {
    const rise = fromY - toY;
    const rest = (toX - fromX) * y + (fromX * toY - toX * fromY);
    const [slope, free] = area < 0 ? [-rise, -rest] : [rise, rest];
    if (slope > 0) this.#left = Math.max(this.#left, -free / slope);
    else if (slope < 0) this.#right = Math.min(this.#right, -free / slope);
    else if (free < 0) this.#right = -Infinity;
  }

  #line(ax: number, ay: number, az: number, bx: number, by: number, bz: number, light: number): void {
    const steps = Math.ceil(reach(ax - bx, ay - by));
    for (let step = 0; step <= steps; step += 1) {
      const share = step / steps;
      const [x, y] = [Math.round(ax + (bx - ax) * share), Math.round(ay + (by - ay) * share)];
      this.#put(x, y, az + (bz - az) * share - lineDepth, light);
    }
  }

  /** Makes a model broader that would hardly be seen. */
  #thicken(): void {
    const covered: number[] = [];
    for (const [sample, depth] of this.#depths.entries()) {
      if (depth === -Infinity) continue;
      covered.push(sample);
      if (covered.length > fewSamples) return;
    }
    const were = covered.map((sample) => [sample, this.#depths[sample] ?? 0, this.#lights[sample] ?? 0] as const);
    for (const [sample, depth, light] of were) {
      const [left, top] = [(sample % sampleSide) - growth, Math.floor(sample / sampleSide) - growth];
      for (let at = 0; at < (2 * growth + 1) ** 2; at += 1) {
        this.#put(left + (at % (2 * growth + 1)), top + Math.floor(at / (2 * growth + 1)), depth, light);
      }
    }
  }

  #put(x: number, y: number, depth: number, light: number): void {
    if (x < 0 || y < 0 || x >= sampleSide || y >= sampleSide) return;
    const at = y * sampleSide + x;
    if (depth <= (this.#depths[at] ?? Infinity)) return;
    this.#depths[at] = depth;
    this.#lights[at] = light;
  }
}

/** How many samples a side passes, along the axis on which it passes the most. */
function reach(x: number, y: number): number {
  return Math.max(Math.abs(x), Math.abs(y));
}

/** The colour in full light: between the grounds of a light page and of a dark one, so that both show it. */
const paint = [166, 190, 214] as const;

/** Where the light comes from: the left, above, behind the viewer. Of a cube's three sides each gets another share. */
const sun = [-0.174, -0.301, 0.938] as const;
const shadow = 0.3;

/** The light, 0 to 255, on a surface with this normal. Which way it faces is left to writers who often get it wrong. */
function lightOn(nx: number, ny: number, nz: number): number {
  const length = Math.hypot(nx, ny, nz);
  if (length === 0) return 255 * shadow;
  const share = (Math.sign(nz) * (nx * sun[0] + ny * sun[1] + nz * sun[2])) / length;
  return Math.round(255 * (shadow + (1 - shadow) * Math.max(share, 0)));
}
