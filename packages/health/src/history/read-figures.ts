// Reads figures of a history some at a time, in order of time. Its rows lie in the order of the readings, so that those of one
// figure have all others between them: they are picked out by the key, where reading all of a week would take seconds.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TransactionManager } from '@cc/tx';
import { catalogue, type MetricName } from '../metrics/catalogue.js';
import type { HealthMetric } from '../metrics/metric.js';
import { asBytes, decoded } from '../questions.js';

/** Which figures. */
export interface FiguresWanted {
  /** Undefined: all. */
  readonly name: string | undefined;
  readonly since: number;
  readonly until: number;
}

/** Returns the figures, and gives the event loop its turns meanwhile. */
export async function readFigures(manager: TransactionManager, wanted: FiguresWanted): Promise<HealthMetric[]> {
  const { $client: client } = manager.db;
  const known = await knownSeries(manager, wanted.name);
  const figures: HealthMetric[] = [];
  const series = JSON.stringify([...known.keys()]);
  const readingsAtOnce = Math.ceil(rowsAtOnce / Math.max(1, known.size));
  let from = wanted.since;
  for (let isFirst = true; known.size > 0; isFirst = false) {
    const { rows } = await client.execute({
      sql: isFirst ? someFrom('>=') : someFrom('>'),
      args: [from, readingsAtOnce, wanted.until, series],
    });
    for (const row of rows) {
      from = Number(row['at']);
      const metric = known.get(Number(row['series']));
      if (metric && row['value'] !== null)
        figures.push({ ...metric, value: Number(row['value']), at: new Date(Math.trunc(from)) });
    }
    if (rows.length === 0) break;
    await nextTurn();
  }
  return figures;
}

const rowsAtOnce = 1_000;

/** Readings from a time on, with the values of some series; one without any has a row, too, so that it goes on behind it. */
function someFrom(isLater: '>' | '>='): string {
  return `WITH RECURSIVE readings (at) AS (
      SELECT min(at) FROM samples WHERE at ${isLater} ?1
      UNION ALL SELECT (SELECT min(at) FROM samples WHERE samples.at > readings.at) FROM readings WHERE at IS NOT NULL LIMIT ?2
    )
    SELECT readings.at, samples.series, CAST(samples.value AS REAL) value FROM readings
      LEFT JOIN samples ON samples.at = readings.at AND samples.series IN (SELECT value FROM json_each(?4))
      WHERE readings.at <= ?3 ORDER BY readings.at, samples.series`;
}

async function knownSeries({ db }: TransactionManager, name: string | undefined) {
  const { rows } = await db.$client.execute({
    sql: `SELECT id, ${asBytes('name')} name, ${asBytes('labels')} labels FROM series WHERE ?1 IS NULL OR name = ?1`,
    args: [name ?? null],
  });
  return new Map(
    rows.flatMap((row) => {
      const metric = decoded(row['name']);
      // Of an older version of this package.
      if (!Object.hasOwn(catalogue, metric)) return [];
      const labels = JSON.parse(decoded(row['labels'])) as Record<string, string>;
      return [[Number(row['id']), { name: metric, ...catalogue[metric as MetricName], labels }] as const];
    }),
  );
}
