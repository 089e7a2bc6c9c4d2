// What people are told of a fault: an alert, and what to do about it.
import type { Severity } from './alert-state.js';

/** What to do, in words and where it can be said as SQL or as a command. */
export interface Advice {
  readonly text: string;
  readonly sql?: string | undefined;
  readonly command?: string | undefined;
}

/** A fault that a rule has found. */
export interface HealthAlert {
  /** Unique, also across restarts. */
  readonly id: string;
  /** The id of the rule: the name of a limit, or that of an own rule. */
  readonly rule: string;
  /** `pending`: not for long enough yet. `resolved`: over. */
  readonly state: 'pending' | 'firing' | 'resolved';
  readonly severity: Severity;
  /** What is wrong, in words; without bound or literal values. */
  readonly reason: string;
  /** The last value that the rule judged; null when it judges no number. */
  readonly value: number | null;
  readonly advice: Advice | null;
  readonly startedAt: Date;
  readonly firedAt: Date | null;
  /** Of one that fired when its monitor ended: when that was. */
  readonly resolvedAt: Date | null;
  /** Somebody has taken it on; it goes on firing until the fault is gone. */
  readonly acknowledged: { readonly at: Date; readonly by: string | null } | null;
  /** Nobody is notified of it before the silence ends. It still counts for the status. */
  readonly silenced: boolean;
}

/** Which alerts `getAlertHistory` returns. */
export interface AlertHistoryOptions {
  readonly rule?: string | undefined;
  /** That began at or after this time. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** The newest ones. Default 100. */
  readonly limit?: number | undefined;
}

/** What `silence` takes. */
export interface SilenceOptions {
  /** The rule to be silent about. Default: all. */
  readonly rule?: string | undefined;
  /** In milliseconds. */
  readonly forMs: number;
}
