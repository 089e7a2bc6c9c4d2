// A check, a maintenance, a backup: begun here, done by the server, told as they go; and what the last ones found.
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { HealthPage, Job } from '../../src/serve/contract-care.js';
import { beginJob, readJobs } from '../data/api.js';
import { sayProblem } from '../data/edits.js';
import { areUnheard, jobNews } from '../data/events.js';
import { Failure } from '../frame/failure.js';
import { useResource } from '../frame/resource.js';
import * as words from '../frame/words.js';

const kinds: readonly { readonly kind: Job['kind']; readonly label: string }[] = [
  { kind: 'check', label: 'Check now' },
  { kind: 'maintenance', label: 'Maintain now' },
  { kind: 'backup', label: 'Back up now' },
];
const states: Readonly<Record<Job['state'], string>> = {
  queued: 'waits',
  running: 'is under way',
  done: 'is done',
  failed: 'has failed',
  stopped: 'was stopped',
};

/** The buttons, the jobs, the last checks and the backups. */
export function Jobs({ health, onEnded }: { readonly health: HealthPage; readonly onEnded: () => void }): VNode {
  const resource = useResource('jobs', readJobs, areUnheard);
  const list = resource.value;
  useEffect(
    () =>
      jobNews.listen((news) => {
        const before = list.value ?? [];
        const isKnown = before.some(({ id }) => id === news.id);
        list.value = isKnown ? before.map((each) => (each.id === news.id ? news : each)) : [news, ...before];
        // An answer that is under way may be from before the news, and the last one is told once.
        if (resource.isLoading.value) resource.reload();
        if (news.endedAt !== null) onEnded();
      }),
    [],
  );
  const begin = async (kind: Job['kind']): Promise<void> => {
    try {
      await beginJob(kind);
      resource.reload();
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <section class="panel stack">
      <div class="row spread">
        <h2>Care</h2>
        <div class="row">
          {kinds.map(({ kind, label }) => (
            <button key={kind} type="button" onClick={() => void begin(kind)}>
              {label}
            </button>
          ))}
        </div>
      </div>
      <Failure problem={resource.problem.value} onRetry={resource.reload} />
      <div role="status" class="stack">
        {list.value?.slice(0, 5).map((job) => (
          <div key={job.id}>
            <p>
              <strong>{job.kind}</strong> {states[job.state]}{' '}
              {job.endedAt !== null && <span class="quiet-text small">{words.ago(job.endedAt)}</span>}
            </p>
            {job.state === 'running' && <progress aria-label={job.kind} value={job.progress ?? undefined} />}
            {job.problem !== null && <p class="bad">{job.problem}</p>}
            {job.lines.length > 0 && (
              <ul class="small">
                {[...new Set(job.lines)].map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            )}
          </div>
        ))}
      </div>
      <Checks health={health} />
      <Backups health={health} />
    </section>
  );
}

function Checks({ health }: { readonly health: HealthPage }): VNode {
  if (health.checks.length === 0) return <p class="quiet-text">No check has run since the server began.</p>;
  return (
    <table>
      <caption class="visually-hidden">The last checks</caption>
      <thead>
        <tr>
          <th scope="col">Check</th>
          <th scope="col">Result</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {health.checks.map(({ kind, status, message, startedAt, findings }) => (
          <tr key={kind}>
            <th scope="row">{kind}</th>
            <td>
              <span class={status === 'ok' ? 'good' : 'bad'}>{status}</span>: {message}
              {findings.map((finding) => (
                <p class="small" key={finding.message}>
                  {finding.message} {finding.hint}
                </p>
              ))}
            </td>
            <td>{words.ago(startedAt)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Backups({ health }: { readonly health: HealthPage }): VNode {
  if (health.backups.length === 0) return <p class="quiet-text">No backup has been made here yet.</p>;
  return (
    <table>
      <caption class="visually-hidden">Backups</caption>
      <thead>
        <tr>
          <th scope="col">Backup</th>
          <th scope="col" class="number">
            Size
          </th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {health.backups.map(({ name, bytes, at }) => (
          <tr key={name}>
            <td>{name}</td>
            <td class="number">{words.bytes(bytes)}</td>
            <td>{words.ago(at)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
