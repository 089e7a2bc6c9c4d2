// Scripts that let a shell complete the commands of candy, their subcommands and their flags.
import type { Command } from 'commander';

/** The shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** Returns the script of a shell for a program. Files are completed where no word of the program fits. */
export function completionScript(shell: (typeof shells)[number], program: Command): string {
  const names = program.commands.map((known) => known.name());
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
  return scripts[shell](names, program.commands);
}

function bashScript(names: readonly string[], commands: readonly Command[]): string {
  return [
    '_candy() {',
    `  local words='${names.join(' ')}'`,
    '  [ "$COMP_CWORD" -gt 1 ] && case "${COMP_WORDS[1]}" in',
    ...commands.map((command) => `    ${command.name()}) words='${wordsOf(command).join(' ')}' ;;`),
    "    *) words='' ;;",
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _candy candy',
  ].join('\n');
}

function zshScript(names: readonly string[], commands: readonly Command[]): string {
  return [
    '#compdef candy',
    '_candy() {',
    `  if (( CURRENT == 2 )); then compadd -- ${names.join(' ')}; return; fi`,
    '  case "$words[2]" in',
    ...commands.map((command) => `    ${command.name()}) compadd -- ${wordsOf(command).join(' ')} ;;`),
    '  esac',
    '  _files',
    '}',
    'compdef _candy candy',
  ].join('\n');
}

function fishScript(names: readonly string[], commands: readonly Command[]): string {
  const lines = commands.map(
    (command) => `complete -c candy -n __fish_use_subcommand -f -a ${command.name()}${telling(command.description())}`,
  );
  for (const command of commands) {
    const of = `complete -c candy -n '__fish_seen_subcommand_from ${command.name()}'`;
    lines.push(...command.commands.map((sub) => `${of} -a ${sub.name()}${telling(sub.description())}`));
    lines.push(
      ...command.options.flatMap(({ long, description }) =>
        long ? [`${of} -l ${long.slice(2)}${telling(description)}`] : [],
      ),
    );
  }
  return [`# ${names.length} commands`, ...lines].join('\n');
}

function telling(description: string): string {
  return ` -d '${description.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** What may follow a command. */
function wordsOf(command: Command): readonly string[] {
  const subcommands = command.commands.map((sub) => sub.name());
  const flags = [command, ...command.commands].flatMap(({ options }) =>
    options.flatMap(({ long }) => (long ? [long] : [])),
  );
  return [...subcommands, ...new Set(flags), '--help'];
}
