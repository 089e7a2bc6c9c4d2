// Steps every rule at each reading, keeps the alerts and their history, and says which of them people are to hear of.
import type { HealthFigures } from '../metrics/figures.js';
import type { AlertHistoryOptions, HealthAlert } from './alert.js';
import { type AlertChange, type AlertState, inactive, type Severity, step } from './alert-state.js';
import type { Judgement, Rule } from './rule.js';

/** A change of an alert, for listeners and the history. */
export interface AlertNews {
  readonly alert: HealthAlert;
  readonly change: AlertChange;
}

/** What the status is made of: a rule's word on this moment. */
export interface Standing {
  readonly rule: Rule;
  readonly judgement: Judgement;
  readonly state: AlertState;
  readonly alert: HealthAlert | undefined;
}

interface Entry {
  readonly rule: Rule;
  state: AlertState;
  alert: HealthAlert | undefined;
}

/** Alerts that are over and kept in memory. */
const mostEnded = 1_000;

/** The alerts of one monitor. */
export class Alerts {
  readonly #entries: readonly Entry[];
  readonly #ended: HealthAlert[] = [];
  /** The severity that listeners heard of last, by the id of the alert. */
  readonly #told = new Map<string, Severity>();
  /** Silenced alerts that have changed: they are told when the silence ends. */
  readonly #untold = new Map<string, HealthAlert>();
  readonly #silences: { readonly rule: string | undefined; readonly until: number }[] = [];
  /** Tells the alerts of two starts in the same millisecond apart. */
  readonly #nonce: string;
  #count = 0;
  /** Grows with the clock and stands still while that one is set back. */
  #elapsedMs = 0;
  #lastAt: number | undefined;
  /** Nobody has watched since the last step. */
  #wasAway = false;

  constructor(rules: readonly Rule[], nonce: string) {
    this.#entries = rules.map((rule) => ({ rule, state: inactive, alert: undefined }));
    this.#nonce = nonce;
  }

  /** Judges `figures`, which were read at `at`, and returns what has changed. `spanAt`: the same by the clock of spans. */
  evaluate(figures: HealthFigures, at: number, spanAt = at): AlertNews[] {
    const sinceLastMs = this.#advance(spanAt);
    const elapsedMs = this.#wasAway ? 0 : sinceLastMs;
    this.#wasAway = false;
    this.#markSilenced();
    return this.#entries.flatMap((entry) => this.#stepOne(entry, entry.rule.judge(figures), elapsedMs, at));
  }

  /** Nobody watches until the next step: neither a fault nor calm has lasted for that time. Silences go on. */
  pause(): void {
    this.#wasAway = true;
  }

  /** What each rule says about `figures`, without a step. */
  standing(figures: HealthFigures): Standing[] {
    return this.#entries.map(({ rule, state, alert }) => ({ rule, judgement: rule.judge(figures), state, alert }));
  }

  /** Those that are pending or firing, the worst first. */
  active(): HealthAlert[] {
    const weight = (alert: HealthAlert): number =>
      (alert.state === 'firing' ? 0 : 2) + (alert.severity === 'CRITICAL' ? 0 : 1);
    return this.#entries
      .map(({ alert }) => alert)
      .filter((alert) => alert !== undefined)
      .sort((a, b) => weight(a) - weight(b));
  }

  get isFiring(): boolean {
    return this.#entries.some(({ state }) => state.phase === 'firing');
  }

  /** Those that have fired, the newest first. */
  fired({ rule, since, until, limit = 100 }: AlertHistoryOptions): HealthAlert[] {
    return [...this.#ended, ...this.active().filter(({ state }) => state === 'firing')]
      .filter((alert) => rule === undefined || alert.rule === rule)
      .filter(({ startedAt }) => (!since || startedAt >= since) && (!until || startedAt <= until))
      .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime())
      .slice(0, limit);
  }

  /** Returns the alert, acknowledged; undefined when there is no active one of that id. */
  acknowledge(id: string, by: string | null, at: Date): HealthAlert | undefined {
    const entry = this.#entries.find(({ alert }) => alert?.id === id);
    if (!entry?.alert) return undefined;
    entry.alert = { ...entry.alert, acknowledged: { at, by } };
    return entry.alert;
  }

  /** `spanAt`: now, by the clock of spans. The last step may be long ago. */
  silence(rule: string | undefined, forMs: number, spanAt: number): void {
    this.#silences.push({ rule, until: this.#elapsedMs + this.#sinceLast(spanAt) + forMs });
    this.#markSilenced();
  }

  #markSilenced(): void {
    for (const entry of this.#entries) {
      const { alert, rule } = entry;
      const silenced = this.#isSilenced(rule.id);
      if (alert && alert.silenced !== silenced) entry.alert = { ...alert, silenced };
    }
  }

  /**
   * What listeners are to hear after a step that changed `news`: alerts that fire, get worse or milder or are resolved. Of one
   * that is silenced they hear when the silence ends, if it still fires or they have heard of it before.
   */
  untold(news: readonly AlertNews[]): HealthAlert[] {
    for (const { alert } of news) {
      if (alert.state === 'resolved' && !this.#told.has(alert.id)) this.#untold.delete(alert.id);
      else if (alert.firedAt !== null) this.#untold.set(alert.id, alert);
    }
    const current = new Map(this.#entries.flatMap(({ alert }) => (alert ? [[alert.id, alert] as const] : [])));
    return [...this.#untold.values()].flatMap(({ id, ...changed }) => {
      if (this.#isSilenced(changed.rule)) return [];
      this.#untold.delete(id);
      const alert = current.get(id) ?? { id, ...changed, silenced: false };
      if (alert.state === 'resolved') return this.#told.delete(id) ? [alert] : [];
      const heard = this.#told.get(id);
      this.#told.set(id, alert.severity);
      return heard === alert.severity ? [] : [alert];
    });
  }

  #isSilenced(rule: string): boolean {
    return this.#silences.some(
      (silence) => (silence.rule === undefined || silence.rule === rule) && silence.until > this.#elapsedMs,
    );
  }

  has(rule: string): boolean {
    return this.#entries.some((entry) => entry.rule.id === rule);
  }

  #advance(at: number): number {
    const elapsedMs = this.#sinceLast(at);
    this.#lastAt = at;
    this.#elapsedMs += elapsedMs;
    for (let i = this.#silences.length - 1; i >= 0; i -= 1) {
      if ((this.#silences[i]?.until ?? 0) <= this.#elapsedMs) this.#silences.splice(i, 1);
    }
    return elapsedMs;
  }

  #sinceLast(at: number): number {
    return this.#lastAt === undefined ? 0 : Math.max(0, at - this.#lastAt);
  }

  #stepOne(entry: Entry, judgement: Judgement, elapsedMs: number, at: number): AlertNews[] {
    const { rule } = entry;
    const { kind } = judgement;
    if (kind === 'unknown' && rule.noData === 'keep') return [];
    const missing = kind === 'unknown' && rule.noData === 'alert';
    const finding = missing ? ({ severity: 'WARNING', calm: false } as const) : kind === 'finding' ? judgement : gone;
    const reason = missing ? judgement.reason || `${rule.id}: its figure could not be read` : judgement.reason;
    // What a target does not have has no fault, so it does not linger either.
    const timing = kind === 'unsupported' ? { ...rule.timing, keepFiringFor: 0 } : rule.timing;
    const { state, change } = step(entry.state, finding, elapsedMs, timing);
    entry.state = state;
    this.#update(entry, { ...judgement, reason: finding.severity === null ? '' : reason }, change, at);
    const { alert } = entry;
    if (change === null || !alert) return [];
    if (state.phase === 'inactive') entry.alert = undefined;
    if (change === 'resolved') {
      this.#ended.push(alert);
      if (this.#ended.length > mostEnded) this.#ended.shift();
    }
    return [{ alert, change }];
  }

  #update(entry: Entry, { reason, value, advice }: Judgement, change: AlertChange | null, at: number): void {
    const { rule, state } = entry;
    const now = new Date(at);
    if (change === 'pending' || (change === 'firing' && !entry.alert)) entry.alert = this.#begin(rule.id, now);
    const { alert } = entry;
    if (!alert) return;
    const isOver = state.phase === 'inactive';
    entry.alert = {
      ...alert,
      // What was wrong is still to be read when it is over.
      ...(reason !== '' && { reason, value, advice }),
      severity: isOver ? alert.severity : state.severity,
      state: isOver ? 'resolved' : state.phase === 'firing' ? 'firing' : 'pending',
      firedAt: change === 'firing' ? now : alert.firedAt,
      resolvedAt: isOver ? now : null,
      silenced: this.#isSilenced(rule.id),
    };
  }

  #begin(rule: string, startedAt: Date): HealthAlert {
    this.#count += 1;
    return {
      id: `${rule}-${startedAt.getTime().toString(36)}-${this.#nonce}${this.#count.toString(36)}`,
      ...{ rule, state: 'pending', severity: 'WARNING', reason: '', value: null, advice: null, startedAt },
      ...{ firedAt: null, resolvedAt: null, acknowledged: null, silenced: false },
    };
  }
}

const gone = { severity: null, calm: true } as const;
