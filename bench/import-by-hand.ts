// What the suite `import` measures ours against, as a process of its own: an import as one writes it by hand, SHA-256 alone, and a
// bare walk. `import-by-hand.js <import|hash|walk> <folder> [database]`; what was found goes to standard output for `hash` and `walk`.
import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { equalPragmas } from './contenders/contender.js';

const [way, folder = '', databasePath = ''] = process.argv.slice(2);
const rowsAtOnce = 100;
const largeBytes = 1 << 20;

if (way === 'import') importByHand();
else if (way === 'hash') tell((path, size) => hashOf(path, size));
else if (way === 'walk') tell(() => '');
else throw new TypeError('import-by-hand.js is started by the suite import');

/** One table, as many rows to a statement as in a batch, all in one transaction. */
function importByHand(): void {
  const database = new Database(databasePath);
  for (const pragma of equalPragmas) database.exec(pragma);
  database.exec('CREATE TABLE files (path TEXT UNIQUE, size INTEGER, modified INTEGER, hash TEXT)');
  const insert = (rows: number) =>
    database.prepare(`INSERT INTO files VALUES ${Array(rows).fill('(?, ?, ?, ?)').join(', ')}`);
  const whole = insert(rowsAtOnce);
  database.exec('BEGIN');
  let values: (string | number)[] = [];
  for (const path of files()) {
    const { size, mtimeMs } = statSync(path);
    values.push(path, size, mtimeMs, hashOf(path, size));
    if (values.length < rowsAtOnce * 4) continue;
    whole.run(...values);
    values = [];
  }
  if (values.length > 0) insert(values.length / 4).run(...values);
  database.exec('COMMIT');
  database.close();
}

function tell(hashed: (path: string, size: number) => string): void {
  const lines: string[] = [];
  for (const path of files()) {
    const { size } = statSync(path);
    lines.push(`${path} ${size} ${hashed(path, size)}`.trimEnd());
  }
  process.stdout.write(lines.join('\n'));
}

function* files(): Generator<string> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) yield join(entry.parentPath, entry.name);
  }
}

function hashOf(path: string, size: number): string {
  if (size <= largeBytes) return hash('sha256', readFileSync(path));
  const sum = createHash('sha256');
  const chunk = Buffer.allocUnsafe(largeBytes);
  const descriptor = openSync(path, 'r');
  for (let count = -1; count !== 0; ) {
    count = readSync(descriptor, chunk, 0, largeBytes, null);
    sum.update(chunk.subarray(0, count));
  }
  closeSync(descriptor);
  return sum.digest('hex');
}
