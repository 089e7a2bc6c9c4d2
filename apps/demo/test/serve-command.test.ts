// The built command as people start it: what it prints, how it ends, and what it does where it cannot serve.
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { type Around, candy, type Running, start } from './candy.js';
import { asking, cubeStl, hear } from './serving.js';
import { makePlace, open, type Place, problemsOf, put } from './temporary-library.js';

/** Starts the server and waits for its address. */
async function serve(
  place: Place & Pick<Around, 'env'>,
  ...args: readonly string[]
): Promise<Running & { readonly url: string; readonly token: string }> {
  const running = start(['serve', '--port', '0', '--json', ...args], place);
  let text = '';
  running.child.stdout?.on('data', (part: string) => {
    text += part;
  });
  while (!text.endsWith('}\n'))
    await Promise.race([once(running.child.stdout ?? running.child, 'data'), running.ended]);
  const { url, token = '' } = JSON.parse(text);
  return { ...running, url, token };
}

it('serves until it is interrupted: pages hear the end, the import under way ends its batch, and nothing is left behind', async () => {
  const place = makePlace();
  for (let size = 1; size <= 60; size += 1) put(place.models, `${size}.stl`, cubeStl(size));
  const { child, ended, url } = await serve(place);
  const ask = asking(url);
  const page = await hear(url);
  const { id } = (await ask('/api/imports', { body: { folder: place.models } })).json;
  await page.next(({ name, data }) => name === 'import' && data.id === id && data.state === 'running');
  child.kill('SIGTERM');
  await page.ended();
  expect(await ended).toMatchObject({ exitCode: 0, signal: null, stderr: 'Ending: what is under way is written.\n' });
  const library = await open(place);
  expect(await problemsOf(library)).toEqual([]);
  await expect(fetch(url)).rejects.toThrow(/fetch failed/);
});

it('asks for the token that it prints where others can reach it, and never prints one that it was given', async () => {
  const place = makePlace();
  const made = await serve(place, '--listen', '0.0.0.0');
  expect((await asking(made.url)('/api/library')).status).toBe(401);
  const headers = { authorization: `Bearer ${made.token}` };
  expect((await asking(made.url, headers)('/api/library')).status).toBe(200);
  made.child.kill('SIGTERM');
  expect((await made.ended).exitCode).toBe(0);
  const given = 'a token of my own';
  const own = await serve({ ...place }, '--token', given);
  expect((await asking(own.url)('/api/library')).status).toBe(401);
  expect((await asking(own.url, { authorization: `Bearer ${given}` })('/api/library')).status).toBe(200);
  own.child.kill('SIGTERM');
  const { stdout, stderr } = await own.ended;
  expect(stdout + stderr).not.toContain(given);
});

it.skipIf(process.platform !== 'linux')(
  'gives the program that opens a browser no token, which other users would see',
  async () => {
    const place = makePlace();
    const opener = join(place.folder, 'xdg-open');
    writeFileSync(opener, '#!/bin/sh\nprintf %s "$*" >"$0.tried" && mv "$0.tried" "$0.args"\n');
    chmodSync(opener, 0o700);
    const env = { PATH: [place.folder, process.env['PATH']].join(delimiter) };
    const { child, ended, url, token } = await serve({ ...place, env }, '--listen', '0.0.0.0', '--open');
    while (!existsSync(`${opener}.args`)) await new Promise((resolve) => setImmediate(resolve));
    expect(token).not.toBe('');
    expect(readFileSync(`${opener}.args`, 'utf8')).toBe(url);
    child.kill('SIGTERM');
    await ended;
  },
);

it('says what to do where it cannot serve', async () => {
  const place = makePlace();
  const first = await serve(place);
  const { port } = new URL(first.url);
  expect(await candy(['serve', '--port', port], place)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^candy: The port is in use: .* --port/),
  });
  for (const wrong of [
    ['--port', '70000'],
    ['--port', 'x'],
    ['--token', 'short'],
    ['--colour', 'red'],
  ])
    expect((await candy(['serve', ...wrong], place)).exitCode).toBe(1);
  first.child.kill('SIGTERM');
  await first.ended;
  expect(existsSync(join(place.folder, '.candy', 'library.db'))).toBe(true);
});
