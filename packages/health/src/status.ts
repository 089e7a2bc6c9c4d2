// The status: the worst of what the rules say, with a reason in words for each. What is not known is never OK.
import type { Severity } from './alerts/alert-state.js';
import type { Standing } from './alerts/alerts.js';

/** How the database is. `UNKNOWN`: there is too little to judge by. */
export type HealthStatus = 'OK' | 'WARNING' | 'CRITICAL' | 'UNKNOWN';

/** The status now. */
export interface CurrentHealth {
  readonly status: HealthStatus;
  /** One sentence for each thing that is not as it should be, the worst first. Empty when all is well. */
  readonly reasons: readonly string[];
  readonly asOf: Date;
}

interface Word {
  readonly status: Exclude<HealthStatus, 'OK'>;
  readonly reason: string;
}

/**
 * Returns the worst status that a rule found, and what each has to say. A fault counts once its alert fires; one that
 * need not last for any time counts at once. `doubts`: why nothing is known.
 */
export function judge(
  standings: readonly Standing[],
  doubts: readonly string[],
): { readonly status: HealthStatus; readonly reasons: readonly string[] } {
  const words = [...standings.flatMap(wordsOf), ...doubts.map((reason): Word => ({ status: 'UNKNOWN', reason }))];
  words.sort((a, b) => severity.indexOf(a.status) - severity.indexOf(b.status));
  return { status: words[0]?.status ?? 'OK', reasons: words.map(({ reason }) => reason) };
}

const severity: readonly HealthStatus[] = ['CRITICAL', 'WARNING', 'UNKNOWN', 'OK'];

function wordsOf({ rule, judgement, state, alert }: Standing): Word[] {
  const isFiring = state.phase === 'firing';
  const { kind, reason } = judgement;
  if (kind === 'unknown' && rule.noData !== 'ok' && reason !== '') {
    if (rule.noData === 'alert') return isFiring || rule.timing.for === 0 ? [{ status: 'WARNING', reason }] : [];
    return [{ status: 'UNKNOWN', reason }];
  }
  if (kind === 'finding' && judgement.severity !== null) {
    if (isFiring) return [{ status: worse(state.severity, judgement.severity), reason }];
    return rule.timing.for === 0 ? [{ status: judgement.severity, reason }] : [];
  }
  if (!isFiring || !alert || kind === 'unsupported') return [];
  return [{ status: state.severity, reason: `${alert.reason}; it is not clear for long enough yet` }];
}

function worse(a: Severity, b: Severity): Severity {
  return a === 'CRITICAL' || b === 'CRITICAL' ? 'CRITICAL' : 'WARNING';
}
