// Rules as data and as functions: what they are made of, and what they say about the figures of one moment.
import { types } from 'node:util';
import { isError } from '@cc/tx/errors';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { catalogue, type MetricDefinition } from '../metrics/catalogue.js';
import { byRegion, byTier } from '../metrics/collect.js';
import type { HealthFigures } from '../metrics/figures.js';
import type { Advice } from './alert.js';
import type { Finding, Severity, Timing } from './alert-state.js';

/** Limits of one figure. Times in milliseconds. */
export interface LimitOptions {
  /** Worse than this is a WARNING. */
  readonly warning?: number | undefined;
  /** Worse than this is CRITICAL. Infinity (or -Infinity for lower limits) = never. */
  readonly critical?: number | undefined;
  /** A firing alert goes when the value is at this or better. Default: 0.8 × `warning`, 1.25 × for lower limits. */
  readonly clear?: number | undefined;
  /** How long it has to last before it fires. 0 = at once. */
  readonly for?: number | undefined;
  /** How long it has to be clear before it is resolved. Default 60,000. */
  readonly keepFiringFor?: number | undefined;
  /**
   * When the figure cannot be read: `keep` leaves the alert as it is and makes the status UNKNOWN (default), `alert` is a
   * WARNING, `ok` is as good as clear.
   */
  readonly noData?: 'keep' | 'alert' | 'ok' | undefined;
}

/** An own rule as data: limits of one figure of `getHealthMetrics`, in its own unit. */
export interface AlertRule extends LimitOptions {
  readonly id: string;
  readonly metric: string;
  /** Judges the figures with these labels; the worst of them counts. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Which side is worse. Default `>`. */
  readonly op?: '>' | '<' | undefined;
  readonly warning: number;
  /** What to do about it. */
  readonly advice?: Advice | undefined;
}

/** What an own rule as a function says: null when all is well. */
export type RuleVerdict =
  | {
      readonly severity: Severity;
      readonly reason: string;
      readonly value?: number | undefined;
      readonly advice?: Advice | undefined;
    }
  | 'unsupported'
  | 'unknown'
  | null;

/** An own rule as a function. One that throws makes the status UNKNOWN. */
export interface AlertRuleFunction extends Pick<LimitOptions, 'for' | 'keepFiringFor' | 'noData'> {
  readonly id: string;
  /** Called at each reading and for each status; it must be quick. A status that it asks for is that of all other rules. */
  readonly check: (figures: HealthFigures) => RuleVerdict;
}

/** What a rule says about one moment. */
export interface Judgement extends Finding {
  readonly kind: 'finding' | 'unsupported' | 'unknown';
  /** Empty when there is nothing to say. */
  readonly reason: string;
  readonly value: number | null;
  readonly advice: Advice | null;
}

/** A rule that is ready to judge. Never throws. */
export interface Rule {
  readonly id: string;
  readonly timing: Timing;
  readonly noData: 'keep' | 'alert' | 'ok';
  judge(figures: HealthFigures): Judgement;
}

/** A limit whose options are all filled in. */
export interface Limit extends Timing {
  readonly op: '>' | '<';
  readonly warning: number;
  readonly critical: number;
  readonly clear: number;
  readonly noData: 'keep' | 'alert' | 'ok';
}

/** Nothing to say. */
export const well: Judgement = Object.freeze({
  ...{ kind: 'finding', severity: null, calm: true, reason: '', value: null, advice: null },
});

/** Fills in what was not given. @throws TypeError for limits that contradict each other */
export function limitOf(where: string, op: '>' | '<', given: LimitOptions, defaults: Partial<Limit> = {}): Limit {
  const sign = op === '>' ? 1 : -1;
  const warning = given.warning ?? defaults.warning ?? Number.NaN;
  const never = sign * Number.POSITIVE_INFINITY;
  // A warning that is set beyond the usual critical limit moves that one along.
  const usual = defaults.critical ?? never;
  const critical = given.critical ?? (sign * usual < sign * warning ? warning : usual);
  const clear =
    given.clear ?? (given.warning === undefined ? defaults.clear : undefined) ?? warning * (op === '>' ? 0.8 : 1.25);
  const forMs = given.for ?? defaults.for ?? 0;
  const keepFiringFor = given.keepFiringFor ?? defaults.keepFiringFor ?? 60_000;
  const noData = given.noData ?? 'keep';
  for (const [name, value] of Object.entries({ warning, critical, clear, for: forMs, keepFiringFor })) {
    if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError(`${where}: ${name} must be a number`);
  }
  if (forMs < 0 || keepFiringFor < 0) throw new TypeError(`${where}: for and keepFiringFor must be at least 0`);
  const [milder, worse] = op === '>' ? ['above', 'below'] : ['below', 'above'];
  if (sign * clear > sign * warning) throw new TypeError(`${where}: clear must not be ${milder} warning`);
  if (sign * critical < sign * warning) throw new TypeError(`${where}: critical must not be ${worse} warning`);
  if (!['keep', 'alert', 'ok'].includes(noData))
    throw new TypeError(`${where}: noData must be 'keep', 'alert' or 'ok'`);
  return { op, warning, critical, clear, for: forMs, keepFiringFor, noData };
}

/** Judges a value by a limit. */
export function exceeds(value: number, limit: Limit): Finding & { readonly limit: number } {
  const sign = limit.op === '>' ? 1 : -1;
  const beyond = (bound: number): boolean => sign * value > sign * bound;
  if (beyond(limit.critical)) return { severity: 'CRITICAL', calm: false, limit: limit.critical };
  if (beyond(limit.warning)) return { severity: 'WARNING', calm: false, limit: limit.warning };
  return { severity: null, calm: !beyond(limit.clear), limit: limit.warning };
}

/** Makes an own rule ready. @throws TypeError for a figure that there is not, or limits that contradict each other */
export function ruleOf(given: AlertRule | AlertRuleFunction): Rule {
  if (typeof given !== 'object' || given === null || typeof given.id !== 'string' || given.id === '')
    throw new TypeError('rules: each rule needs an id: { id, metric, warning } or { id, check }');
  const where = `the rule ${given.id}`;
  if ('check' in given) return functionRule(given, where);
  refuseUnknownOptions(where, given, [...limitNames, 'id', 'metric', 'labels', 'op', 'advice']);
  const { id, metric, labels = {}, op = '>', advice = null } = given;
  refuseUnjudged(where, metric);
  refuseLabels(where, metric, labels);
  if (advice !== null && typeof advice?.text !== 'string')
    throw new TypeError(`${where}: advice must be an object with a text`);
  if (op !== '>' && op !== '<') throw new TypeError(`${where}: op must be '>' or '<'`);
  const limit = limitOf(where, op, given);
  return {
    ...{ id, timing: limit, noData: limit.noData },
    judge(figures) {
      const { value, kind } = worst(figures, metric, labels, op);
      if (value === null) return { ...well, calm: false, kind, reason: `${id}: ${metric} could not be read` };
      const finding = exceeds(value, limit);
      const reason = `${id}: ${metric} is ${value}, the limit is ${finding.limit}`;
      return { kind, ...finding, reason, value, advice };
    },
  };
}

/** Refuses rules that could not be told apart. @throws TypeError for two with one id */
export function refuseDoubledRules(rules: readonly Rule[]): void {
  const ids = new Set<string>();
  for (const { id } of rules) {
    if (ids.has(id)) throw new TypeError(`rules: there are two rules '${id}'; built-in ones have the names of limits`);
    ids.add(id);
  }
}

function functionRule(given: AlertRuleFunction, where: string): Rule {
  refuseUnknownOptions(where, given, ['id', 'check', 'for', 'keepFiringFor', 'noData']);
  if (typeof given.check !== 'function') throw new TypeError(`${where}: check must be a function`);
  const timing = limitOf(where, '>', { ...given, warning: 0 });
  let isAsked = false;
  return {
    ...{ id: given.id, timing, noData: timing.noData },
    judge(figures) {
      // It has asked for a status, which would ask it in turn, without end; and of which its own alert would be a part for good.
      if (isAsked) return { ...well, kind: 'unsupported' };
      isAsked = true;
      try {
        const verdict = given.check(figures);
        if (isPromise(verdict)) throw new TypeError('check must answer at once, not by a promise');
        if (verdict === undefined) throw new TypeError('check returned nothing; null means that all is well');
        if (verdict === null) return well;
        if (verdict === 'unsupported' || verdict === 'unknown')
          return { ...well, calm: false, kind: verdict, reason: `${given.id}: could not be judged` };
        const { severity, reason, value = null, advice = null } = verdict;
        if (severity !== 'WARNING' && severity !== 'CRITICAL')
          throw new TypeError("check must return a severity, 'WARNING' or 'CRITICAL'");
        if (typeof reason !== 'string' || reason === '') throw new TypeError('check must return a reason, as a text');
        return { kind: 'finding', severity, calm: false, reason, value, advice };
      } catch (error) {
        const message = isError(error) ? error.message : 'it threw what is no error';
        return { ...well, calm: false, kind: 'unknown', reason: `${given.id}: the rule failed: ${message}` };
      } finally {
        isAsked = false;
      }
    },
  };
}

const limitNames = ['warning', 'critical', 'clear', 'for', 'keepFiringFor', 'noData'];

/** Figures that no rule sees: those of single statements, and what comes of the rules themselves. */
const unseen: ReadonlySet<string> = new Set([
  'cc_db_statement_errors_total',
  'cc_db_statement_rows_total',
  'cc_health_status',
]);

/** The labels of the figures that have some, and their values where these are known before. Of another label nothing is ever read. */
const labelsOf: Readonly<Record<string, Readonly<Record<string, readonly string[] | null>>>> = {
  cc_db_query_errors_total: { type: null },
  cc_db_transactions_total: { outcome: ['commit', 'rollback', 'unknown'] },
  cc_db_connections: { state: ['open', 'busy', 'idle'] },
  cc_db_setting_findings: { severity: ['WARNING', 'NOTE'] },
  cc_db_connection_waiters: { mode: ['write', 'read'] },
  ...Object.fromEntries(byRegion.map((name) => [name, { region: null }])),
  ...Object.fromEntries(byTier.map((name) => [name, { tier: null }])),
  cc_health_alerts: { rule: null, severity: ['WARNING', 'CRITICAL'], state: ['pending', 'firing'] },
};

function refuseUnjudged(where: string, metric: string): void {
  const definition: MetricDefinition | undefined = Object.hasOwn(catalogue, metric)
    ? catalogue[metric as keyof typeof catalogue]
    : undefined;
  if (!definition) throw new TypeError(`${where}: there is no figure '${metric}'; getHealthMetrics() names them all`);
  if (definition.type === 'histogram' || definition.type === 'summary')
    throw new TypeError(
      `${where}: ${metric} is many durations and has no limit; take one that is a number, such as cc_db_recent_query_p95_seconds`,
    );
  if (unseen.has(metric))
    throw new TypeError(`${where}: no rule sees ${metric}; take one that is of the whole database`);
}

function refuseLabels(where: string, metric: string, labels: Readonly<Record<string, string>>): void {
  const isMap = typeof labels === 'object' && labels !== null && !Array.isArray(labels);
  if (!isMap || Object.values(labels).some((value) => typeof value !== 'string'))
    throw new TypeError(`${where}: labels must be an object of texts, such as { type: 'lock' }`);
  const known = labelsOf[metric] ?? {};
  refuseUnknownOptions(`${where}, labels of ${metric}`, labels, Object.keys(known));
  for (const [name, value] of Object.entries(labels)) {
    const values = known[name];
    if (values && !values.includes(value))
      throw new TypeError(`${where}: the label ${name} of ${metric} is one of ${values.join(', ')}`);
  }
}

/** The worst of the figures with these labels; null when none can be read. */
function worst(
  figures: HealthFigures,
  metric: string,
  labels: Readonly<Record<string, string>>,
  op: '>' | '<',
): { readonly value: number | null; readonly kind: Judgement['kind'] } {
  const named = figures.metrics.filter((figure) => figure.name === metric);
  const matching = named.filter((figure) =>
    Object.entries(labels).every(([key, value]) => figure.labels[key] === value),
  );
  const values = matching.map(({ value }) => value).filter((value) => typeof value === 'number');
  if (values.length > 0) return { value: (op === '>' ? Math.max : Math.min)(...values), kind: 'finding' };
  // A series comes with what it counts: where the figure can be read, one that is not there yet is 0.
  const isRead = named.some(({ value }) => typeof value === 'number') || metric === 'cc_health_alerts';
  if (matching.length === 0 && isRead) return { value: 0, kind: 'finding' };
  return { value: null, kind: named.some(({ value }) => value === 'unsupported') ? 'unsupported' : 'unknown' };
}

/** One that fails later must not be left to itself. */
function isPromise(verdict: unknown): boolean {
  if (!types.isPromise(verdict)) return false;
  verdict.catch(() => undefined);
  return true;
}
