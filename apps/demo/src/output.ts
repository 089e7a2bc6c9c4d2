// Where a command's answer goes: one JSON document or lines for people on standard output, everything else on standard error.

/** The two streams of a process, or two that a test reads. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** Whether standard error is a terminal that can show a progress bar. */
  readonly interactive: boolean;
}

/** The output of one command. */
export interface Output extends Streams {
  readonly json: boolean;
  /** Writes the answer: `value` as one JSON document with `--json`, else the lines for people. */
  answer(value: unknown, lines: () => readonly string[]): void;
  /** Writes a line on standard error. */
  note(line: string): void;
}

/** Makes the output of a command. */
export function createOutput(streams: Streams, json: boolean): Output {
  return {
    ...streams,
    json,
    answer: (value, lines) => {
      const text = json ? JSON.stringify(value, null, 2) : lines().join('\n');
      if (text !== '') streams.stdout.write(`${text}\n`);
    },
    note: (line) => void streams.stderr.write(`${line}\n`),
  };
}
