// Where a command's answer goes: JSON or lines for people on standard output, everything else on standard error.
import { type Paint, paintOf } from './colours.js';
import { type StatusLine, statusLineOf, type Terminal } from './status-line.js';
import { harmless } from './terminal.js';

/** A stream that text is written to. What `write` answers with false holds more than it is good for, and `drain` follows. */
export interface Writer extends Terminal {
  once?(event: 'drain', listener: () => void): unknown;
}

/** The two streams of a process, or two that a test reads. */
export interface Streams {
  readonly stdout: Writer;
  readonly stderr: Writer;
  /** Whether standard error is a terminal that can show a progress bar. */
  readonly interactive: boolean;
  /** Whether standard output is a terminal. Default false. */
  readonly screen?: boolean;
  /** Which streams show colours. Default: none. */
  readonly colours?: { readonly stdout: boolean; readonly stderr: boolean };
}

/** How an answer is written. */
export interface OutputFlags {
  /** One JSON document. */
  readonly json?: boolean;
  /** JSON on one line, and lists whole, an item to a line. Goes before `json`. */
  readonly jsonl?: boolean;
}

/** The output of one command. */
export interface Output extends Streams {
  /** Whether the answer is JSON, in one document or in lines. */
  readonly json: boolean;
  /** Whether lists are asked for whole, an item to a line. */
  readonly jsonl: boolean;
  /** For the lines of an answer. */
  readonly paint: Paint;
  /** Writes the answer: `value` as one JSON document with `--json`, on one line with `--jsonl`, else the lines for people. */
  answer(value: unknown, lines: () => readonly string[]): void;
  /** Writes items as they come, a line of JSON each, in memory one at a time however slowly they are taken. */
  items(values: AsyncIterable<unknown>): Promise<void>;
  /** On standard error, where that is a terminal. */
  readonly status: StatusLine;
  /** Writes a line on standard error. */
  note(line: string): void;
}

/** Makes the output of a command. */
export function createOutput(streams: Streams, flags: OutputFlags = {}): Output {
  const { json = false, jsonl = false } = flags;
  const { stdout, stderr, colours } = streams;
  const status = statusLineOf(stderr);
  return {
    ...streams,
    status,
    json: json || jsonl,
    jsonl,
    paint: paintOf(colours?.stdout ?? false),
    answer: (value, lines) => {
      const text = jsonl ? JSON.stringify(value) : json ? JSON.stringify(value, null, 2) : lines().join('\n');
      if (text !== '') stdout.write(`${harmless(text)}\n`);
    },
    items: async (values) => {
      for await (const value of values) {
        if (stdout.write(`${harmless(JSON.stringify(value))}\n`) === false && stdout.once) await drained(stdout);
      }
    },
    note: (line) => status.above(harmless(line)),
  };
}

function drained(stream: Writer): Promise<void> {
  return new Promise((resolve) => void stream.once?.('drain', resolve));
}
