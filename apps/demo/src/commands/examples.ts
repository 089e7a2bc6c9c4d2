// The examples in the help of each command. The tests run every one of them on the sample models of the tour.
import type { Command } from 'commander';

/** Adds examples to the help of a command, as they are typed after `candy`. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${examples.map((example) => `  candy ${example}`).join('\n')}`,
  );
}
