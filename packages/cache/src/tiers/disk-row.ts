// One row of the disk tier's file: how the texts of callers become columns that SQLite keeps apart, and the sum that tells a
// damaged row. It covers all columns, so a row in the wrong place is a damaged one as well.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { TierEntry } from '../contract/tier.js';

/** A row as the file has it. */
export interface Row {
  /** Rows are numbered in the order in which they are written; no number is used twice. */
  readonly id: number;
  readonly namespace: string;
  readonly key: string;
  readonly loadedAt: number;
  readonly expiresAt: number;
  /** A JSON array. */
  readonly tags: string;
  readonly crc: number;
  readonly data: Uint8Array;
}

/** What SQLite stores, compares and gives back as it is: no control character, no half of a surrogate pair, and short. */
const plain = /^[ -\ud7ff\ue000-\uffff]{0,120}$/;

/** The text for a namespace, key or tag; no two have the same. */
export function columnText(text: string): string {
  if (plain.test(text)) return `=${text}`;
  return `#${createHash('sha256').update(text, 'utf16le').digest('base64url')}`;
}

/** Returns the row of an entry. */
export function rowOfEntry(id: number, namespace: string, key: string, entry: TierEntry): Row {
  const { data, loadedAt, expiresAt, tags } = entry;
  // As texts that SQLite keeps; in JSON a half of a surrogate pair is escaped.
  return sealRow({ id, namespace, key, loadedAt, expiresAt, tags: JSON.stringify(tags), data });
}

/** Returns the row with its sum. */
export function sealRow(row: Omit<Row, 'crc'>): Row {
  return { ...row, crc: sumOf(row) };
}

/** Returns what the row holds; undefined when it is damaged, or is not the one that was asked for. */
export function entryOfRow(row: Row, namespace: string, key: string): TierEntry | undefined {
  const { data, loadedAt, expiresAt, tags, crc } = row;
  if (row.namespace !== namespace || row.key !== key || sumOf(row) !== crc) return undefined;
  return { data, loadedAt, expiresAt, tags: JSON.parse(tags) as string[] };
}

/** The sum of a few values. */
export function checkOf(...values: readonly unknown[]): number {
  return crc32(JSON.stringify(values));
}

function sumOf({ id, namespace, key, loadedAt, expiresAt, tags, data }: Omit<Row, 'crc'>): number {
  return crc32(`${id}\0${namespace}\0${key}\0${loadedAt}\0${expiresAt}\0${tags}`, crc32(data));
}
