// The life of one alert as a pure step: inactive, pending until the fault has lasted, firing until it has been away.
// Time comes in as what has passed since the last step, so that no clock can go back in here.

/** How bad a fault is. */
export type Severity = 'WARNING' | 'CRITICAL';

/** What a rule found at one moment. */
export interface Finding {
  /** Null: within the limits. */
  readonly severity: Severity | null;
  /** Whether a firing alert may go: for limits the value is at or beyond `clear`. */
  readonly calm: boolean;
}

/** How long, in milliseconds. */
export interface Timing {
  /** A fault is pending for that long before it fires. 0 = fires at once. */
  readonly for: number;
  /** Calm that lasts that long ends an alert, or makes a critical one a warning. 0 = at once. */
  readonly keepFiringFor: number;
}

/** Where an alert stands. */
export interface AlertState {
  readonly phase: 'inactive' | 'pending' | 'firing';
  readonly severity: Severity;
  /** How long it has been pending. */
  readonly pendingMs: number;
  /** How long a firing alert has been calm; -1 while it is not. */
  readonly calmMs: number;
  /** How long a critical alert has been less than critical; -1 while it is not. */
  readonly milderMs: number;
}

/** What a step changed that people want to hear of. */
export type AlertChange = 'pending' | 'dropped' | 'firing' | 'severity' | 'resolved';

/** Where every alert begins. */
export const inactive: AlertState = Object.freeze({
  phase: 'inactive',
  severity: 'WARNING',
  pendingMs: 0,
  calmMs: -1,
  milderMs: -1,
});

/** One step: `elapsedMs` after the last one the rule found `finding`. */
export function step(
  state: AlertState,
  finding: Finding,
  elapsedMs: number,
  timing: Timing,
): { readonly state: AlertState; readonly change: AlertChange | null } {
  if (state.phase === 'firing') return stepFiring(state, finding, elapsedMs, timing);
  const { severity } = finding;
  if (severity === null) return { state: inactive, change: state.phase === 'pending' ? 'dropped' : null };
  const pendingMs = state.phase === 'pending' ? state.pendingMs + elapsedMs : 0;
  if (pendingMs >= timing.for) return { state: { ...inactive, phase: 'firing', severity }, change: 'firing' };
  const change = state.phase === 'pending' ? null : 'pending';
  return { state: { ...inactive, phase: 'pending', severity, pendingMs }, change };
}

function stepFiring(
  state: AlertState,
  finding: Finding,
  elapsedMs: number,
  { keepFiringFor }: Timing,
): ReturnType<typeof step> {
  const calmMs = !finding.calm ? -1 : state.calmMs < 0 ? 0 : state.calmMs + elapsedMs;
  if (finding.calm && calmMs >= keepFiringFor) return { state: inactive, change: 'resolved' };
  if (finding.severity === 'CRITICAL') {
    const change = state.severity === 'CRITICAL' ? null : 'severity';
    return { state: { ...state, severity: 'CRITICAL', calmMs, milderMs: -1 }, change };
  }
  if (state.severity === 'WARNING') return { state: { ...state, calmMs, milderMs: -1 }, change: null };
  const milderMs = state.milderMs < 0 ? 0 : state.milderMs + elapsedMs;
  if (milderMs < keepFiringFor) return { state: { ...state, calmMs, milderMs }, change: null };
  return { state: { ...state, severity: 'WARNING', calmMs, milderMs: -1 }, change: 'severity' };
}
