// The rules that hold without being asked for: the limits, and what no number says.

import type { CheckResult } from '../checks/types.js';
import type { StorageReport } from '../probes/storage.js';
import { type Limits, limitRules } from './limits.js';
import type { SettingFinding } from './review-settings.js';
import { type Rule, ruleOf } from './rule.js';

/** What the rules look at beside the figures. */
interface Facts {
  readonly storage: () => StorageReport | undefined;
  /** Why the history was not written at the last reading. */
  readonly historyFailure: () => string | undefined;
  /** The last result of each kind of check. */
  readonly checks: () => readonly CheckResult[];
  /** Settings that are wrong or dear. */
  readonly settings: () => readonly SettingFinding[];
}

/** Returns the rules. @throws TypeError for limits that are wrong */
export function builtInRules(
  facts: Facts,
  { limits, minQueries }: { readonly limits: Limits; readonly minQueries: number },
): Rule[] {
  return [
    storageRule(facts),
    checksRule(facts),
    ...limitRules(limits, minQueries, facts.storage),
    settingsRule(facts),
    historyRule(facts),
  ];
}

function storageRule({ storage }: Facts): Rule {
  return ruleOf({
    ...{ id: 'storage', keepFiringFor: 0 },
    check() {
      const read = storage();
      if (!read || read.readable) return null;
      const { errorType, message } = read;
      if (errorType === 'readonly') return { severity: 'CRITICAL', reason: message, advice: { text: movedAdvice } };
      if (errorType !== 'integrity')
        return { severity: 'WARNING', reason: `The figures of the database file could not be read: ${message}` };
      const text = 'Restore the last backup: see docs/operations.md. Keep the damaged file.';
      return { severity: 'CRITICAL', reason: `The database file is damaged: ${message}`, advice: { text } };
    },
  });
}

const movedAdvice =
  'What is written now is lost. Stop, put the right file back where it was (or restore the last backup: see docs/operations.md), and start anew.';

function historyRule({ historyFailure }: Facts): Rule {
  return ruleOf({
    ...{ id: 'history', keepFiringFor: 0 },
    check() {
      const failure = historyFailure();
      if (failure === undefined) return null;
      const advice = {
        text: 'Make room where the history lies, or give it another path; one that is damaged is made anew when it was deleted. The application is not affected.',
      };
      return { severity: 'WARNING', reason: `The history of health is not written: ${failure}`, advice };
    },
  });
}

/** What only costs is a recommendation. */
function settingsRule({ settings }: Facts): Rule {
  return ruleOf({
    ...{ id: 'settings', keepFiringFor: 0 },
    check() {
      const [worst, ...others] = settings().filter(({ severity }) => severity === 'WARNING');
      if (!worst) return null;
      const { reason, text, sql, command } = worst;
      const more = others.length > 0 ? ` (and ${others.length} more: see the recommendations of the report)` : '';
      return { severity: 'WARNING', reason: `${reason}${more}`, advice: { text, sql, command } };
    },
  });
}

/** Stays until the same check finds nothing: what is damaged does not heal by itself. */
function checksRule({ checks }: Facts): Rule {
  return ruleOf({
    ...{ id: 'checks', keepFiringFor: 0 },
    check() {
      const failed = checks().filter(({ status }) => status === 'failed');
      const findings = failed.flatMap((result) => result.findings);
      // A full-text index can be made anew from the rows, which are sound.
      const worst = findings.find(({ fault }) => fault !== 'fts') ?? findings[0];
      if (!worst) return null;
      const severity = worst.fault === 'fts' ? 'WARNING' : 'CRITICAL';
      const reason = `A check has found: ${worst.message}${findings.length > 1 ? ` (and ${findings.length - 1} more)` : ''}`;
      return { severity, reason, advice: { text: worst.hint } };
    },
  });
}
