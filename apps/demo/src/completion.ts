// Scripts that let a shell complete the commands of candy, their subcommands and their flags.
import { Argument, type Command } from 'commander';
import { withExamples } from './commands/examples.js';

/** Adds the command that prints them. */
export function addCompletionCommand(program: Command, stdout: { write(text: string): unknown }): void {
  const completion = program
    .command('completion')
    .description('print a script that lets a shell complete the commands')
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)));
  withExamples(completion, 'completion bash', 'completion zsh', 'completion fish').action(
    (shell: keyof typeof scripts) => void stdout.write(`${completionScript(shell, program)}\n`),
  );
}

/** Files are completed where no word of the program fits. */
function completionScript(shell: keyof typeof scripts, program: Command): string {
  const names = program.commands.map((known) => known.name());
  return scripts[shell](names, program.commands);
}

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

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
