// The statements that take longest, each with how it runs and, when asked for, the index that would help.
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Analysis, HealthPage } from '../../src/serve/contract-care.js';
import { analyze } from '../data/api.js';
import { sayProblem } from '../data/edits.js';
import * as words from '../frame/words.js';

/** The slowest statements, without values. */
export function Statements({ health }: { readonly health: HealthPage }): VNode {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const shown = useRef(health.slowest);
  // A statement that somebody reads stays where it is, whichever are the slowest by now.
  if (open.size === 0) shown.current = health.slowest;
  const toggle = (statement: string, isOpen: boolean): void => {
    const others = [...open].filter((each) => each !== statement);
    setOpen(new Set(isOpen ? [...others, statement] : others));
  };
  return (
    <section class="panel">
      <h2>Slowest statements</h2>
      {shown.current.length === 0 && <p class="quiet-text">None have run yet.</p>}
      {shown.current.map((each) => (
        <Statement key={each.statement} statement={each} onToggle={(isOpen) => toggle(each.statement, isOpen)} />
      ))}
    </section>
  );
}

function Statement(props: {
  readonly statement: HealthPage['slowest'][number];
  readonly onToggle: (isOpen: boolean) => void;
}): VNode {
  const { statement } = props;
  const [analysis, setAnalysis] = useState<Analysis | null>(null);
  const [isAsking, setAsking] = useState(false);
  const ask = async (): Promise<void> => {
    setAsking(true);
    try {
      setAnalysis(await analyze(statement.statement));
    } catch (error) {
      sayProblem(error);
    } finally {
      setAsking(false);
    }
  };
  const plan = analysis?.plan ?? statement.plan;
  return (
    <details class="statement" onToggle={(event) => props.onToggle(event.currentTarget.open)}>
      <summary>
        <span class="statement-text">{statement.statement.replace(/\s+/g, ' ')}</span>
        <span class="quiet-text small">
          {words.short(statement.calls)} {statement.calls === 1 ? 'call' : 'calls'} · p95{' '}
          {words.duration(statement.p95Ms)}
        </span>
      </summary>
      <pre>{statement.statement}</pre>
      <dl>
        <dt>Half within</dt>
        <dd>{words.duration(statement.p50Ms)}</dd>
        <dt>Longest</dt>
        <dd>{words.duration(statement.maxMs)}</dd>
        <dt>Part of all time</dt>
        <dd>{words.decimal(statement.share * 100)} %</dd>
        {statement.labels.length > 0 && (
          <>
            <dt>Called by</dt>
            <dd>{statement.labels.join(', ')}</dd>
          </>
        )}
      </dl>
      {plan !== null && <pre>{plan.join('\n')}</pre>}
      {analysis === null ? (
        <button type="button" disabled={isAsking} onClick={() => void ask()}>
          {isAsking ? 'Looking…' : 'How does it run, and what would help?'}
        </button>
      ) : (
        <div role="status">
          <p>{analysis.message}</p>
          {analysis.advice.map((each) => (
            <div key={each.sql}>
              <pre>{each.sql}</pre>
              <p class="small">
                Proven on a copy: {words.count(each.stepsBefore)} steps become {words.count(each.stepsAfter)}, for{' '}
                {words.bytes(each.bytes)}. <code>{each.command}</code>
              </p>
            </div>
          ))}
        </div>
      )}
    </details>
  );
}
