// What a command costs together with all the processes that it starts: computing time as the shell adds it up, and the largest
// memory of all of them at once.
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

/** What a command took and said. */
export interface TreeCost {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** The largest sum of the resident memory of its processes; null when nobody looked. */
  readonly peakMb: number | null;
  readonly stdout: string;
}

/** How a command is run. */
export interface TreeOptions {
  /** Whether the memory is looked at, which costs what the times then include. Default false. */
  readonly watchMemory?: boolean;
  /** Exit codes that are no failure. Default 0 alone. */
  readonly passes?: readonly number[];
}

const lookEveryMs = 50;

/** Runs node with `args` under a shell. @throws Error when it fails */
export async function costOf(args: readonly string[], o: TreeOptions = {}): Promise<TreeCost> {
  // The shell waits for node and node for its own processes, so the second line of `times` has them all.
  const script = '"$@"; code=$?; times >&3; exit $code';
  const started = performance.now();
  const shell = spawn('sh', ['-c', script, 'sh', process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const told = { stdout: '', stderr: '', times: '' };
  shell.stdout?.setEncoding('utf8').on('data', (text: string) => void (told.stdout += text));
  shell.stderr?.setEncoding('utf8').on('data', (text: string) => void (told.stderr += text));
  shell.stdio[3]?.on('data', (text: Buffer) => void (told.times += text.toString('utf8')));
  let ended = false;
  const code = new Promise<number | null>((resolve, reject) => {
    shell.once('error', reject);
    shell.once('close', (exitCode) => {
      ended = true;
      resolve(exitCode);
    });
  });
  let peak: number | null = null;
  while (o.watchMemory === true && !ended) {
    peak = Math.max(peak ?? 0, await memoryBelow(shell.pid ?? 0));
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  const exitCode = await code;
  const wallMs = performance.now() - started;
  if (!(o.passes ?? [0]).includes(exitCode ?? -1)) {
    throw new Error(`node ${args.join(' ')} ended with ${exitCode}\n${told.stderr}`);
  }
  return { cpuMs: cpuOf(told.times), wallMs, peakMb: peak, stdout: told.stdout };
}

/** The computing time in milliseconds of the processes that a shell has waited for, in what its `times` prints. */
export function cpuOf(times: string): number {
  const spans = [...(times.trim().split('\n')[1] ?? '').matchAll(/(\d+)m([\d.,]+)s/g)];
  if (spans.length !== 2) throw new Error(`the shell's times are not understood: ${times}`);
  return spans.reduce((sum, [, minutes, seconds]) => {
    return sum + Number(minutes) * 60_000 + Number((seconds ?? '').replace(',', '.')) * 1_000;
  }, 0);
}

/** The resident memory of all processes below `root`, in MB. */
async function memoryBelow(root: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, kib = 0]) => ({ pid, parent, kib }));
  const below = new Set([root]);
  let sum = 0;
  // A child may stand before its parent when numbers have begun anew.
  for (let before = 0; before !== below.size; ) {
    before = below.size;
    for (const { pid, parent } of rows) if (below.has(parent)) below.add(pid);
  }
  for (const { pid, kib } of rows) if (pid !== root && below.has(pid)) sum += kib;
  return (sum * 1_024) / 1e6;
}
