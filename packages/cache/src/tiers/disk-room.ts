// Makes room in the file of the disk tier: the oldest rows go. One that was read since it was written is written once more
// instead, as the newest; so a row that is read lives on without a write at each read.
import type { DroppedRows } from './disk-dropped.js';
import type { DiskFile } from './disk-file.js';
import { entryOfRow, type Row, sealRow } from './disk-row.js';

/** What room is made for, and what tells which rows to keep. */
export interface RoomWanted {
  /** Most bytes of the file in use afterwards, less `forBytes`. */
  readonly fileBytes: number;
  readonly forBytes: number;
  /** Bytes of rows that may be written once more. */
  readonly againBytes: number;
  readonly dropped: DroppedRows;
  /** Rows that were read. */
  readonly read: Set<number>;
  /** The number of the next row. */
  readonly nextRow: () => number;
}

/** So many rows go between two looks at what is in use. */
const rowsPerLook = 8;

/** Makes room inside a transaction; answers how many rows went that were not dropped with everything. */
export function makeRoom(file: DiskFile, wanted: RoomWanted): number {
  const { fileBytes, forBytes, dropped, read } = wanted;
  let gone = 0;
  let { againBytes } = wanted;
  while (file.usedBytes() + forBytes > fileBytes) {
    for (let i = 0; i < rowsPerLook; i += 1) {
      const row = file.oldest();
      if (row === undefined) return gone;
      file.deleteRow(row.id);
      const isWanted = read.delete(row.id) && row.data.byteLength <= againBytes && isSound(row) && dropped.isAlive(row);
      if (isWanted) {
        againBytes -= row.data.byteLength;
        file.insert(sealRow({ ...row, id: wanted.nextRow() }));
      } else if (row.id > dropped.all) {
        gone += 1;
      }
    }
  }
  return gone;
}

function isSound(row: Row): boolean {
  return entryOfRow(row, row.namespace, row.key) !== undefined;
}
