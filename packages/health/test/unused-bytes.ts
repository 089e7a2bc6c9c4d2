// Which bytes of a database file hold nothing, read from the file format alone (https://sqlite.org/fileformat2.html): the
// judge of what a digest may miss.

/** Returns whether the byte at `offset` lies in a free page, a free block or the gap between pointers and cells. */
export function unusedBytes(file: Buffer): (offset: number) => boolean {
  const stored = file.readUInt16BE(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  const free = freePages(file, pageSize);
  return (offset) => {
    const page = Math.floor(offset / pageSize) + 1;
    return free.has(page) || isUnusedIn(file.subarray((page - 1) * pageSize, page * pageSize), page, offset % pageSize);
  };
}

function freePages(file: Buffer, pageSize: number): ReadonlySet<number> {
  const free = new Set<number>();
  for (let trunk = file.readUInt32BE(32); trunk !== 0; ) {
    const at = (trunk - 1) * pageSize;
    free.add(trunk);
    for (let leaf = 0; leaf < file.readUInt32BE(at + 4); leaf += 1) free.add(file.readUInt32BE(at + 8 + 4 * leaf));
    trunk = file.readUInt32BE(at);
  }
  return free;
}

/** Pages of trees only: what follows the last value of an overflow page counts as used here. */
function isUnusedIn(page: Buffer, number: number, offset: number): boolean {
  // The first page begins with the header of the file.
  const header = number === 1 ? 100 : 0;
  const type = page[header] ?? 0;
  if (offset < header || ![2, 5, 10, 13].includes(type)) return false;
  const pointers = header + (type === 2 || type === 5 ? 12 : 8);
  const gap = pointers + 2 * page.readUInt16BE(header + 3);
  const cells = page.readUInt16BE(header + 5) || 65_536;
  if (offset >= gap && offset < cells) return true;
  for (let block = page.readUInt16BE(header + 1); block !== 0; block = page.readUInt16BE(block)) {
    if (offset >= block && offset < block + page.readUInt16BE(block + 2)) return true;
  }
  return false;
}
