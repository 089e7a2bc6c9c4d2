// Scripts that let a shell complete the commands of candy.

/** The shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** Returns the script of a shell. */
export function completionScript(shell: (typeof shells)[number], commands: readonly string[]): string {
  const words = commands.join(' ');
  if (shell === 'bash') {
    return `_candy() { if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W '${words}' -- "\${COMP_WORDS[1]}")); else COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); fi; }\ncomplete -o filenames -F _candy candy`;
  }
  if (shell === 'zsh') {
    return `#compdef candy\n_candy() { if (( CURRENT == 2 )); then compadd ${words}; else _files; fi }\ncompdef _candy candy`;
  }
  return `complete -c candy -n __fish_use_subcommand -f -a '${words}'`;
}

/** The command that is nearest to what was typed; null when none is near. */
export function nearestCommand(typed: string, commands: readonly string[]): string | null {
  const most = Math.max(1, Math.min(2, Math.floor(typed.length / 2)));
  const [best] = commands
    .map((command) => ({ command, distance: distance(typed.toLowerCase(), command) }))
    .filter((found) => found.distance <= most)
    .toSorted((a, b) => a.distance - b.distance);
  return best?.command ?? null;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(same, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
