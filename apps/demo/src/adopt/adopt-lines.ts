// The report of an adoption for people: sums, then what was changed and refused, a line for each kind with the first few rows.
import { count, visible } from '../terminal.js';
import type { AdoptReport } from './adopt.js';
import { changes, type Remark, refusals } from './remarks.js';

/** The lines of a report. */
export function adoptLines(report: AdoptReport, { dryRun }: { readonly dryRun: boolean }): string[] {
  const { models, metadata, remarks, left } = report;
  const would = dryRun ? 'would be ' : '';
  return [
    `${count(models.found)} models: ${count(models.added)} ${would}added, ${count(models.joined)} ${would}joined to models of the library, ` +
      `${count(models.known)} adopted before, ${count(models.refused)} refused`,
    `${count(metadata.found)} rows of metadata: ${count(metadata.taken)} ${would}taken, ${count(metadata.refused)} refused`,
    ...kindLines(remarks, 'changed'),
    ...kindLines(remarks, 'refused'),
    ...left.map(({ table, column, rows }) => {
      const what = column === null ? visible(table) : `${visible(table)}, column ${visible(column)}`;
      return `left       ${what}: ${count(rows)} rows, which nothing is taken from`;
    }),
  ];
}

const named = 3;

function kindLines(remarks: readonly Remark[], what: Remark['what']): string[] {
  const kinds = new Map<string, Remark[]>();
  for (const remark of remarks) {
    if (remark.what !== what) continue;
    const same = kinds.get(remark.kind) ?? [];
    same.push(remark);
    kinds.set(remark.kind, same);
  }
  return [...kinds.values()].map((same) => {
    const first = same.slice(0, named).map(({ table, row, column }) => {
      const place = column === null ? '' : `, ${visible(column)}`;
      return `${table === 'models' ? '' : 'metadata '}${visible(row)}${place}`;
    });
    return `${what.padEnd(9)}  ${count(same.length)} × ${reasonOf(same[0])} (${first.join('; ')}${same.length > named ? '; …' : ''})`;
  });
}

/** The reason of a remark in words. */
export function reasonOf(remark: Remark | undefined): string {
  if (remark === undefined) return '';
  return remark.what === 'changed' ? changes[remark.kind] : refusals[remark.kind];
}
