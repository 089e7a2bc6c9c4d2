// Cursors of ranked pages: the place of ranked-page.ts, and which query it belongs to when that is not the one given.
import { decodeCursor, encodeCursor, notACursor } from '../cursor.js';
import type { Place } from './ranked-page.js';

/** Where a page ended. */
export interface SearchPlace {
  /** The corrected query, or null. */
  readonly corrected: string | null;
  /** How many of the wanted terms a hit may lack. */
  readonly missing: number;
  readonly place: Place;
}

/** Returns the cursor of a place in the query of `hash`. */
export function encodePlace(hash: string, { corrected, missing, place }: SearchPlace): string {
  const { total, to, from, nameFrom, named, score, seq } = place;
  return encodeCursor(hash, [
    corrected ?? '',
    missing,
    total,
    to,
    from,
    nameFrom,
    named.join(),
    score ?? notRanked,
    seq,
  ]);
}

/** Returns the place of a cursor. @throws TypeError for anything but a cursor that the same query returned */
export function decodePlace(cursor: string, hash: string): SearchPlace {
  const [corrected, missing, total, to, from, nameFrom, named, score, seq] = decodeCursor(cursor, hash, types);
  return {
    corrected: corrected === '' ? null : String(corrected),
    missing: whole(missing),
    place: {
      total: whole(total),
      to: whole(to),
      from: whole(from),
      nameFrom: whole(nameFrom),
      named: named === '' ? [] : String(named).split(',').map(whole),
      score: score === notRanked ? null : Number(score),
      seq: whole(seq),
    },
  };
}

const types = ['string', 'integer', 'integer', 'integer', 'integer', 'integer', 'string', 'number', 'integer'] as const;
const notRanked = -1;

function whole(value: unknown): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw notACursor();
}
