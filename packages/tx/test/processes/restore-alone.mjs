// Restores a copy, and tells how that ended.
import { restoreFile } from '@cc/tx/restore';

const [database, backup] = process.argv.slice(2);
const told = await restoreFile({ database, backup }).then(
  () => ({ restored: true }),
  ({ name, type, code, reason }) => ({ name, type, code, reason }),
);
process.stdout.write(`${JSON.stringify(told)}\n`);
