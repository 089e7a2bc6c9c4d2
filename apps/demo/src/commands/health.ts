// candy health: a few typical reads, measured, and the report on them and on the file; once, as a page, or again and again.
import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DatabaseHealthReport, formatHealthReport, healthReportPage } from '@cc/health';
import { type Command, Option } from 'commander';
import { exitCodes } from '../exit-codes.js';
import { Refused } from '../failure.js';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { visible } from '../terminal.js';
import { withExamples } from './examples.js';
import { parseWhole } from './flag-values.js';
import type { CommandSurroundings, CommonFlags } from './surroundings.js';

interface HealthFlags {
  /** Seconds between two reports; true without a number. */
  readonly watch?: number | true;
  /** Path of a page. */
  readonly html?: string;
}

/** Adds `health` to the program. */
export function addHealthCommand(
  program: Command,
  { common, run, workingFolder, interruptible }: CommandSurroundings,
): void {
  const health = common(program.command('health').description('show how the database is doing'))
    .option('--watch [seconds]', 'again and again until Ctrl-C (default: every 2 seconds)', parseWhole(1, 86_400))
    .addOption(new Option('--html <path>', 'write the report as a page, over one that is there').conflicts('watch'));
  withExamples(health, 'health', 'health --html health.html', 'health --json').action(
    async (flags: CommonFlags & HealthFlags) => {
      if (flags.watch !== undefined && flags.json === true && flags.jsonl !== true) {
        throw new Refused('--json is one document: to watch as JSON, say --jsonl, which is one report a line.');
      }
      await run(
        flags,
        async (library, output) => {
          if (flags.watch !== undefined) {
            return await watchHealth(
              library,
              { seconds: flags.watch === true ? 2 : flags.watch, signal: interruptible() },
              output,
            );
          }
          if (flags.html !== undefined) return await writePage(library, resolve(workingFolder, flags.html), output);
          return await healthCommand(library, output);
        },
        { monitored: true },
      );
    },
  );
}

/** Reads a page, counts and searches, then shows the health report. Returns 0, or 2 when the status is not OK. */
async function healthCommand(library: Library, output: Output): Promise<number> {
  const report = await reportOn(library);
  output.answer(report, () => [formatHealthReport(report)]);
  return exitCodeOf(report);
}

async function watchHealth(
  library: Library,
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal },
  output: Output,
): Promise<number> {
  for (;;) {
    const report = await reportOn(library);
    if (output.screen === true && !output.json) output.stdout.write(clear);
    output.answer(report, () => [
      `${report.generatedAt.toISOString()}, every ${seconds} s until Ctrl-C\n`,
      formatHealthReport(report),
      ...(output.screen === true ? [] : ['']),
    ]);
    try {
      await sleep(seconds * 1000, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      // Ending it is how it is meant to end.
      return exitCodeOf(report);
    }
  }
}

/** Home, and nothing below: what stood there before scrolls nowhere. */
const clear = '\u001b[H\u001b[J';

async function writePage(library: Library, path: string, output: Output): Promise<number> {
  // A slip of the keyboard must not put a page into the place of the library.
  if (!/\.html?$/i.test(path))
    throw new Refused(`The report is not written to ${visible(basename(path))}: name a file that ends in .html.`);
  const report = await reportOn(library);
  await writeFile(path, healthReportPage(report));
  output.answer({ path, status: report.status }, () => [`${visible(path)}: ${report.status}`]);
  return exitCodeOf(report);
}

async function reportOn({ health, repositories }: Library): Promise<DatabaseHealthReport> {
  await health.measure('count models', () => repositories.models.count());
  await health.measure('list a page', () => repositories.models.list({ limit: 20 }));
  await health.measure('search a word', () => repositories.search.searchModels('a'));
  return await health.generateHealthReport();
}

function exitCodeOf({ status }: DatabaseHealthReport): number {
  return status === 'OK' ? exitCodes.ok : exitCodes.foundSomething;
}
