// candy health: a few typical reads, measured, and the report on them and on the file.
import { formatHealthReport } from '@cc/health';
import type { Library } from '../library.js';
import type { Output } from '../output.js';

/** Reads a page, counts and searches, then shows the health report. Returns 0, or 2 when the status is not OK. */
export async function healthCommand(library: Library, output: Output): Promise<number> {
  const { health, repositories } = library;
  await health.measure('count models', () => repositories.models.count());
  await health.measure('list a page', () => repositories.models.list({ limit: 20 }));
  await health.measure('search a word', () => repositories.search.searchModels('a'));
  const report = await health.generateHealthReport();
  output.answer(report, () => [formatHealthReport(report)]);
  return report.status === 'OK' ? 0 : 2;
}
