// candy serve: the page of the library, until it is interrupted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { visible } from '../terminal.js';
import { withExamples } from './examples.js';
import type { CommandSurroundings, CommonFlags } from './surroundings.js';

/** Flags of the command. */
export interface ServeFlags {
  readonly port?: number;
  readonly listen?: string;
  readonly token?: string;
  readonly host?: readonly string[];
  readonly open?: boolean;
}

/** What the command needs besides its flags. */
export interface ServePlace {
  /** The folder `.candy`. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** The folder for the pictures of the library. */
  readonly pictures: string;
}

/** Adds the command to the program. */
export function addServeCommand(
  program: Command,
  { common, run, interruptible, picturesOf }: CommandSurroundings,
  { folder, env }: Pick<ServePlace, 'folder' | 'env'>,
): void {
  withExamples(
    common(program.command('serve').description('show the page of the library in a browser')),
    'serve --open --port 0',
    'serve --listen 0.0.0.0 --port 0',
  )
    .option('--port <n>', 'the port, or 0 for a free one (default: 7330)', parsePort)
    .option(
      '--listen <address>',
      'the address to listen at; where others can reach it, it asks for a token (default: 127.0.0.1)',
    )
    .option(
      '--token <token>',
      'what a browser has to know, at least 16 characters (default: the variable CANDY_TOKEN, or one that is made)',
    )
    .option('--host <name>', 'a name that the server is called by (may be repeated)', collectHosts)
    .option('--open', 'open it in the browser')
    .action((flags: CommonFlags & ServeFlags) =>
      run(
        flags,
        (library, output) => {
          const place = { folder, env, signal: interruptible(), pictures: picturesOf(flags) };
          return serveCommand(library, flags, output, place);
        },
        { create: true, advice: true, history: true },
      ),
    );
}

/** Serves until `signal` fires. Returns 0. */
export async function serveCommand(
  library: Library,
  { port, listen, token, host, open = false }: ServeFlags,
  output: Output,
  { folder, env, signal, pictures: kept }: ServePlace,
): Promise<number> {
  // Other users of the machine see command lines, not variables.
  const given = token ?? (env['CANDY_TOKEN'] || undefined);
  // What serves would slow down the start of every other command.
  const { openPictures } = await import('../pictures/pictures.js');
  const { serveLibrary } = await import('../serve/server.js');
  await using pictures = openPictures({ folder: kept });
  await using server = await serveLibrary(library, {
    ...{ folder, address: listen, port, hosts: host },
    token: given,
    pictures: (model, o) => pictures.picture(model, o),
    uploads: library.transactions.capabilities.target !== 'remote',
    onError: (error) => output.note(`candy: ${error instanceof Error ? visible(error.message) : 'a request failed'}`),
  });
  // One that was made is shown this once. The fragment stays in the browser: no log on the way has it.
  const made = given === undefined ? server.token : null;
  const address = made === null ? server.url : `${server.url}#token=${made}`;
  output.answer({ url: server.url, ...(made !== null && { token: made }) }, () => [
    `The library is at ${address}`,
    'Ctrl-C ends it.',
  ]);
  // The browser shows its command line to other users for as long as it runs: whoever looks at it asks for the token.
  if (open) await openBrowser(server.url, output);
  if (!signal.aborted) {
    await once(signal, 'abort');
    output.note('Ending: what is under way is written.');
  }
  return 0;
}

async function openBrowser(address: string, output: Output): Promise<void> {
  const opener = { darwin: 'open', win32: 'explorer.exe' }[process.platform as string] ?? 'xdg-open';
  const child = spawn(opener, [address], { detached: true, stdio: 'ignore' });
  child.unref();
  try {
    await once(child, 'spawn');
  } catch {
    output.note(`No browser can be opened from here: open ${address} yourself.`);
  }
}

function parsePort(value: string): number {
  const port = Number(value);
  if (/^\d{1,5}$/.test(value) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}

function collectHosts(name: string, others: readonly string[] = []): readonly string[] {
  return [...others, name.toLowerCase()];
}
