// What every command of candy is added with: program.ts makes it, the files beside this one take what they need.
import type { Command } from 'commander';
import type { FailureFlags } from '../failure.js';
import type { Library } from '../library.js';
import type { Output, OutputFlags } from '../output.js';

/** Flags that every command has. */
export interface CommonFlags extends OutputFlags, FailureFlags {
  readonly url?: string;
}

/** How `run` opens the library, as `LibraryOptions`; only what asks its health has it monitored. */
export interface RunOptions {
  readonly create?: boolean;
  readonly advice?: boolean;
  readonly history?: boolean;
  readonly monitored?: boolean;
}

/** What the commands need of the program. */
export interface CommandSurroundings {
  /** Adds the common flags. */
  readonly common: (command: Command) => Command;
  /** Runs a command on the open library. */
  readonly run: (
    flags: CommonFlags,
    work: (library: Library, output: Output) => Promise<number>,
    options?: RunOptions,
  ) => Promise<void>;
  readonly workingFolder: string;
  /** The folder for the pictures of the library that the flags name. */
  readonly picturesOf: (flags: CommonFlags) => string;
  /** Starts to listen for Ctrl-C and returns the signal that it fires. */
  readonly interruptible: () => AbortSignal;
}
