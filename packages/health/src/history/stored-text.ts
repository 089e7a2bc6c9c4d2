// Texts of the history file are read as bytes (`CAST … AS BLOB`): the driver ends the process when a text is no UTF-8, which one
// flipped bit of the file makes it. history-file.ts and open-file.ts read through it.
import { TextDecoder, types } from 'node:util';

/** Returns the text of a cell that was cast to bytes. */
export function storedText(cell: unknown): string {
  return types.isArrayBuffer(cell) ? new TextDecoder().decode(cell) : '';
}
