// Figures over time, each as a chart and, for whoever wants the numbers, as a table. uPlot comes with this view only.
import 'uplot/dist/uPlot.min.css';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { HealthPage } from '../../src/serve/contract-care.js';
import { isDark } from '../frame/theme.js';
import * as words from '../frame/words.js';

type Series = HealthPage['charts'][number];

const height = 140;
/** How high the axis is while all values are 0. */
const nothingYet: Readonly<Record<Series['unit'], number>> = { seconds: 0.01, bytes: 1_000, ratio: 1, count: 1 };

/** All charts. */
export function Charts({ charts, range }: { readonly charts: HealthPage['charts']; readonly range: string }): VNode {
  return (
    <section aria-label="Over time" class="charts">
      <nav class="row ranges" aria-label="How far back">
        {['hour', 'day', 'week'].map((each) => (
          <a
            key={each}
            href={each === 'hour' ? '/health' : `/health?range=${each}`}
            aria-current={each === range ? 'true' : undefined}
          >
            Last {each}
          </a>
        ))}
      </nav>
      {charts.map((series) => (
        <figure class="panel" key={series.title}>
          <figcaption>
            <h2>{series.title}</h2>
            <span class="quiet-text small">{latest(series)}</span>
          </figcaption>
          {series.points.length < 2 ? (
            <p class="quiet-text small">The line begins with the next readings: there is one every ten seconds.</p>
          ) : (
            <Chart key={`${series.title} ${isDark()}`} series={series} />
          )}
          <details class="small">
            <summary>As a table</summary>
            <div class="chart-table">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Time</th>
                    <th scope="col" class="number">
                      {series.title}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {series.points.toReversed().map(({ at, value }) => (
                    <tr key={at}>
                      <td>{words.moment(at)}</td>
                      <td class="number">{inUnit(value, series.unit)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </figure>
      ))}
    </section>
  );
}

function Chart({ series }: { readonly series: Series }): VNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = (): uPlot.AlignedData => [
    series.points.map(({ at }) => new Date(at).getTime() / 1_000),
    series.points.map(({ value }) => value),
  ];
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const style = getComputedStyle(element);
    const [quiet, line, accent] = [style.color, style.borderBottomColor, style.outlineColor];
    const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : nothingYet[series.unit]] } },
        axes: [axis, { ...axis, size: 76, values: (_, values) => values.map((each) => inUnit(each, series.unit)) }],
        series: [{}, { stroke: accent, width: 2, points: { show: false } }],
      },
      data(),
      element,
    );
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => plot.current?.setData(data()), [series]);
  // The table below says the same.
  return <div ref={place} class="chart" aria-hidden="true" />;
}

function latest(series: Series): string {
  const last = series.points.at(-1);
  return last === undefined ? '' : inUnit(last.value, series.unit);
}

function inUnit(value: number, unit: Series['unit']): string {
  switch (unit) {
    case 'seconds':
      return value === 0 ? '0' : words.duration(value * 1_000);
    case 'bytes':
      return words.bytes(Math.max(0, value));
    case 'ratio':
      return `${words.decimal(value * 100)} %`;
    default:
      return words.decimal(value);
  }
}
