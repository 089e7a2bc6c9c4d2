// Texts of the file that are no UTF-8: the driver ends the process when it reads one, so none may reach it as a text.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import Libsql from 'libsql';
import { describe, expect, it } from 'vitest';
import { countKept, fill, newPath, openTested } from './disk.js';

const entries = 20;

async function closedFile(): Promise<string> {
  const path = await newPath();
  const { tier } = await openTested(path);
  fill(tier, entries);
  tier.flush?.();
  tier.deleteTag?.('tag0');
  tier.close();
  return path;
}

/** Puts a byte that begins no letter into each place where `text` stands. */
function spoil(path: string, text: string): void {
  const bytes = readFileSync(path);
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) bytes[at + 1] = 0xff;
  writeFileSync(path, bytes);
}

function change(path: string, sql: string): void {
  const database = new Libsql(path);
  database.exec(sql);
  database.close();
}

describe.each([
  ['the tags of entries', (path: string) => spoil(path, '"tag')],
  ['the namespaces of entries', (path: string) => spoil(path, '=space')],
  [
    'data that have become a text',
    (path: string) => change(path, "update cc_cache_entries set data = cast(x'ff41' as text)"),
  ],
  [
    'times that have become a text',
    (path: string) => change(path, "update cc_cache_entries set loaded_at = cast(x'ff41' as text)"),
  ],
  [
    'the name of what was dropped',
    (path: string) => change(path, "update cc_cache_dropped set name = cast(x'ff41' as text)"),
  ],
  ['what was proven', (path: string) => change(path, "update cc_cache_state set proof = cast(x'ff41' as text)")],
  ['the session', (path: string) => change(path, "update cc_cache_state set session = cast(x'ff41' as text)")],
])('a file with an undecodable text in %s', (_, harm) => {
  it('gives misses', async () => {
    const path = await closedFile();
    harm(path);
    const { tier } = await openTested(path);
    expect(countKept(tier, entries)).toBe(0);
    tier.clearExcept?.(['other']);
    fill(tier, entries);
    tier.flush?.();
    expect(countKept(tier, entries)).toBe(entries);
  });
});

it('a file whose tables have lost a column to a flipped bit is put aside, and a new one is begun', async () => {
  const path = await closedFile();
  const bytes = readFileSync(path);
  const at = bytes.indexOf('up_to INTEGER');
  bytes[at] = 'w'.charCodeAt(0);
  writeFileSync(path, bytes);
  const { tier } = await openTested(path);
  fill(tier, entries);
  tier.flush?.();
  expect(countKept(tier, entries)).toBe(entries);
  expect(existsSync(`${path}.damaged`)).toBe(true);
});
