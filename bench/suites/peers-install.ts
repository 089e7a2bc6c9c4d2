// Installs and builds the peers on demand: their workspace has a lockfile of its own, so that nobody else installs them.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const locked = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'prisma/schema.prisma'];

/** Installs what the lockfile in `peers` names where that has changed, and builds the peers. @throws Error when it fails */
export async function installPeers(peers: string): Promise<void> {
  const stampFile = join(peers, 'node_modules', '.peers-stamp');
  const stamp = await stampOf(peers);
  if (!existsSync(stampFile) || (await readFile(stampFile, 'utf8')) !== stamp) {
    console.error('Installing the peers: two of their drivers are compiled, which takes some minutes ...');
    await install(peers);
    await writeFile(stampFile, stamp);
  }
  const tsup = commandOf(new URL('../../', import.meta.url), 'tsup', 'dist/cli-default.js');
  await node(peers, [tsup, 'open.ts', '--config', join('..', '..', 'tsup.config.ts')]);
}

async function install(peers: string): Promise<void> {
  const pnpm = commandOf(new URL('../../', import.meta.url), 'pnpm', 'bin/pnpm.mjs');
  // Node's own headers, where they lie beside it: else node-gyp fetches them.
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {};
  await node(peers, [pnpm, 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'], headers);
  const prisma = commandOf(new URL(`file://${peers}/`), 'prisma', 'build/index.js');
  // It would fetch an engine for migrations, which makes no client; whatever can be executed is as good.
  await node(peers, [prisma, 'generate'], { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath });
}

async function node(cwd: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { npm_config_nodedir } = process.env;
  const env = { ...process.env, ...environment, ...(npm_config_nodedir && { npm_config_nodedir }) };
  try {
    await run(process.execPath, args, { cwd, env, maxBuffer: 2 ** 28 });
  } catch (cause) {
    // What execFile throws has what the command said.
    const { stdout = '', stderr = '' } = cause as { readonly stdout?: string; readonly stderr?: string };
    const end = `${stdout}${stderr}`.trimEnd().split('\n').slice(-20).join('\n');
    const need = 'They need the package registry, and a C++ compiler where GitHub cannot be reached.';
    throw new Error(`The peers could not be installed. ${need}\n${end}`, { cause });
  }
}

function commandOf(from: URL, name: string, file: string): string {
  return join(dirname(createRequire(from).resolve(`${name}/package.json`)), file);
}

async function stampOf(peers: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of locked) hash.update(await readFile(join(peers, file)));
  return `${hash.digest('hex')} ${process.platform}-${process.arch}-${process.versions.modules}\n`;
}
