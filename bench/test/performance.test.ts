// The page of figures is what the committed results make of it, and names a reason for each bar that is missed.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { reasonFor } from '../performance/reasons.js';
import { readResults } from '../performance/results.js';
import { performanceFiles } from '../performance/write.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const results = join(repository, 'bench', 'results');

it('is written anew whenever results change: npm run bench -- page', async () => {
  for (const [path, content] of await performanceFiles(repository, results)) {
    expect({ path, text: await readFile(join(repository, path), 'utf8') }).toEqual({ path, text: content });
  }
});

it('says why each missed bar is missed', async () => {
  const missed = [...(await readResults(results)).values()].flatMap(({ suite, rows }) =>
    rows.filter(({ bars }) => bars.some(({ met }) => met === false)).map(({ id }) => [suite, id] as const),
  );
  expect(missed.filter(([suite, id]) => reasonFor(suite, id) === undefined)).toEqual([]);
});

it('draws charts that load nothing and run nothing', async () => {
  const charts = [...(await performanceFiles(repository, results))].filter(([path]) => path.endsWith('.svg'));
  expect(charts.length).toBeGreaterThan(0);
  for (const [path, svg] of charts) {
    const loads = /script|https?:|href|NaN|undefined/.exec(svg.replaceAll('http://www.w3.org/2000/svg', ''));
    expect({ path, loads }).toEqual({ path, loads: null });
  }
});
