// The phase `watch` of the suite `import`: files are dropped into a folder that `candy import --watch` follows, one after the
// other, and each is timed from the moment when it is written until the line that tells that it is in the library.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { summarise } from '../harness/measure.js';
import type { Phase } from '../harness/suite.js';
import type { ImportInputs } from './import-inputs.js';

/** How many files are dropped. */
const drops = 50;

/** The phase. */
export const watchPhase: Phase = {
  name: 'watch',
  contenders: ['ours'],
  hasDatabase: false,
  async run({ databasePath, inputsPath }) {
    // Written by prepareImports.
    const { first } = JSON.parse(await readFile(inputsPath, 'utf8')) as ImportInputs;
    const [name = ''] = await readdir(first);
    const content = await readFile(join(first, name));
    const folder = join(dirname(databasePath), 'dropped');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    const watch = startWatch(folder, databasePath);
    try {
      await watch.hasBegun;
      const times: number[] = [];
      for (let drop = 0; drop < drops; drop += 1) {
        // Each has content of its own: the header is free text.
        content.write(`drop ${drop}  `);
        await writeFile(join(folder, `drop ${drop}.stl`), content);
        const written = performance.now();
        await watch.tellsOf(`drop ${drop}.stl`);
        times.push(performance.now() - written);
      }
      const slowest = summarise([Math.max(...times)], 'ms', null);
      return { rows: { watch: summarise(times, 'ms', null), 'watch slowest': slowest }, durability: [] };
    } finally {
      await watch.end();
      await rm(folder, { recursive: true, force: true });
    }
  },
  inspect: () => Promise.resolve({ digest: null, facts: {} }),
};

interface Watch {
  readonly hasBegun: Promise<unknown>;
  /** Waits for the line of a file. @throws Error when the watch ends first */
  tellsOf(fileName: string): Promise<void>;
  end(): Promise<void>;
}

function startWatch(folder: string, databasePath: string): Watch {
  const candy = fileURLToPath(new URL('../../apps/demo/dist/main.js', import.meta.url));
  const args = [candy, 'import', folder, '--watch', '--jsonl', '--url', pathToFileURL(databasePath).href];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit').then((): never => {
    throw new Error('candy import --watch ended early');
  });
  ended.catch(() => {});
  const lines = createInterface({ input: child.stdout });
  return {
    hasBegun: Promise.race([firstLineOn(child), ended]),
    tellsOf: (fileName) => Promise.race([lineWith(lines, fileName), ended]),
    async end() {
      if (child.exitCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGINT');
      await exit;
    },
  };
}

/** It says on standard error that it watches. */
async function firstLineOn({ stderr }: ChildProcess): Promise<void> {
  if (stderr !== null) await once(stderr, 'data');
}

async function lineWith(lines: Interface, text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (line: string) => {
      if (!line.includes(text)) return;
      lines.off('line', look);
      resolve();
    };
    lines.on('line', look);
  });
}
