// Health: how the library is, in words first; then what to do about it, the figures behind it, and the work that keeps it so.
import './health.css';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { HealthPage } from '../../src/serve/contract-care.js';
import { acknowledge, readHealth } from '../data/api.js';
import { sayProblem } from '../data/edits.js';
import { healthNews } from '../data/events.js';
import { Failure } from '../frame/failure.js';
import { useResource } from '../frame/resource.js';
import { address } from '../frame/router.js';
import * as words from '../frame/words.js';
import { Charts } from './charts.js';
import { Jobs } from './jobs.js';
import { Statements } from './statements.js';

const everyMs = 15_000;
const ranges = ['hour', 'day', 'week'] as const;

const said: Readonly<Record<HealthPage['status'], readonly [string, string]>> = {
  OK: ['All is well', 'good'],
  WARNING: ['Something wants attention', 'warn'],
  CRITICAL: ['Something is wrong', 'bad'],
  UNKNOWN: ['The database does not answer', 'bad'],
};

/** The view of health. It reads anew every 15 seconds, and at once when the status changes. */
export function Health(): VNode {
  const chosen = address.value.query.get('range');
  const range = ranges.find((each) => each === chosen) ?? 'hour';
  const resource = useResource(
    'health',
    (signal) => readHealth(range, signal),
    () => false,
  );
  const health = resource.value.value;
  const shown = useRef(range);
  useEffect(() => {
    if (shown.current !== range) resource.reload();
    shown.current = range;
  }, [range]);
  useEffect(() => {
    document.title = 'Health · Candy';
    const timer = setInterval(resource.reload, everyMs);
    const end = healthNews.listen(resource.reload);
    return () => {
      clearInterval(timer);
      end();
    };
  }, []);
  if (health === null)
    return (
      <div class="view narrow stack">
        <h1>Health</h1>
        {resource.problem.value === null ? (
          <p class="quiet-text">Loading…</p>
        ) : (
          <Failure problem={resource.problem.value} onRetry={resource.reload} />
        )}
      </div>
    );
  const [inWords, kind] = said[health.status];
  return (
    <div class="view narrow stack health">
      <h1>Health</h1>
      <Failure problem={resource.problem.value} onRetry={resource.reload} />
      <section class={`panel status ${kind}`} aria-label="Status">
        <p class="status-words" role="status">
          <span class={`dot ${kind}`} /> {inWords}
        </p>
        <ul>
          {health.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
        <p class="quiet-text small">As of {words.moment(health.asOf)}</p>
      </section>
      <Alerts health={health} reload={resource.reload} />
      <Jobs health={health} onEnded={resource.reload} />
      <Figures health={health} />
      <Charts charts={health.charts} range={range} />
      <Statements health={health} />
      <Settings health={health} />
    </div>
  );
}

function Alerts({ health, reload }: { readonly health: HealthPage; readonly reload: () => void }): VNode | null {
  const { alerts, recommendations } = health;
  if (alerts.length === 0 && recommendations.length === 0) return null;
  const take = async (id: string): Promise<void> => {
    try {
      await acknowledge(id);
      reload();
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <section class="panel">
      <h2>What to do</h2>
      <ul class="plain rows">
        {alerts.map(({ id, state, severity, reason, advice, startedAt, acknowledged }) => (
          <li key={id}>
            <div class="row spread">
              <p>
                {state === 'pending' ? (
                  <strong class="quiet-text">just begun</strong>
                ) : (
                  <strong class={severity === 'CRITICAL' ? 'bad' : 'warn'}>{severity.toLowerCase()}</strong>
                )}{' '}
                {reason} <span class="quiet-text small">since {words.ago(startedAt)}</span>
              </p>
              {state === 'pending' ? null : acknowledged === null ? (
                <button type="button" onClick={() => void take(id)}>
                  Acknowledge
                </button>
              ) : (
                <span class="quiet-text small">acknowledged {words.ago(acknowledged.at)}</span>
              )}
            </div>
            {advice !== null && <Advice {...advice} />}
          </li>
        ))}
        {recommendations
          .filter(({ reason }) => !alerts.some((alert) => alert.reason === reason))
          .map(({ reason, ...advice }) => (
            <li key={reason + advice.text}>
              <p>{reason}</p>
              <Advice {...advice} />
            </li>
          ))}
      </ul>
    </section>
  );
}

function Advice(props: {
  readonly text: string;
  readonly sql?: string | undefined;
  readonly command?: string | undefined;
}): VNode {
  const { text, sql, command } = props;
  return (
    <>
      <p class="quiet-text">{text}</p>
      {[sql, command].map((code) => code !== undefined && <pre key={code}>{code}</pre>)}
    </>
  );
}

function Figures({ health }: { readonly health: HealthPage }): VNode {
  const { storage, cache, queries } = health;
  return (
    <div class="figures">
      <section class="panel">
        <h2>Storage</h2>
        {storage === null ? (
          <p class="quiet-text">It cannot be read.</p>
        ) : (
          <dl>
            <dt>Database</dt>
            <dd>{words.bytes(storage.bytes)}</dd>
            <dt>Free inside</dt>
            <dd>{words.bytes(storage.freeBytes)}</dd>
            {storage.walBytes !== null && (
              <>
                <dt>Log ({storage.journalMode})</dt>
                <dd>{words.bytes(storage.walBytes)}</dd>
              </>
            )}
            {storage.diskFreeBytes !== null && (
              <>
                <dt>Free on the disk</dt>
                <dd>{words.bytes(storage.diskFreeBytes)}</dd>
              </>
            )}
          </dl>
        )}
      </section>
      <section class="panel">
        <h2>Cache</h2>
        {cache === null ? (
          <p class="quiet-text">No cache.</p>
        ) : (
          <dl>
            <dt>Answered</dt>
            <dd>{cache.hitRatio === null ? 'nothing asked yet' : `${words.decimal(cache.hitRatio * 100)} %`}</dd>
            {cache.entries !== null && (
              <>
                <dt>Entries</dt>
                <dd>{words.count(cache.entries)}</dd>
              </>
            )}
            {cache.bytes !== null && (
              <>
                <dt>Memory</dt>
                <dd>{words.bytes(cache.bytes)}</dd>
              </>
            )}
          </dl>
        )}
        {cache !== null && (
          <details class="small">
            <summary>By kind of answer</summary>
            <dl>
              {cache.regions.map(({ name, hitRatio }) => (
                <>
                  <dt>{name}</dt>
                  <dd>{hitRatio === null ? '–' : `${words.decimal(hitRatio * 100)} %`}</dd>
                </>
              ))}
            </dl>
          </details>
        )}
      </section>
      <section class="panel">
        <h2>Statements</h2>
        <dl>
          <dt>Calls</dt>
          <dd>{words.count(queries.calls)}</dd>
          <dt>Half within</dt>
          <dd>{words.duration(queries.p50Ms)}</dd>
          <dt>95 % within</dt>
          <dd>{words.duration(queries.p95Ms)}</dd>
          <dt>Failed</dt>
          <dd>{words.decimal(queries.errorRate * 100)} %</dd>
          <dt>Server memory</dt>
          <dd>{health.process.rssBytes === null ? 'not told here' : words.bytes(health.process.rssBytes)}</dd>
        </dl>
      </section>
    </div>
  );
}

function Settings({ health }: { readonly health: HealthPage }): VNode | null {
  return health.settings.length === 0 ? null : (
    <section class="panel">
      <h2>Settings</h2>
      <ul class="plain rows">
        {health.settings.map(({ setting, reason, text }) => (
          <li key={setting}>
            <code>{setting}</code>: {reason} <span class="quiet-text">{text}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
