// Takes the write lock of the file and gives it back when it is told to.
import Database from 'libsql';

const database = new Database(process.argv[2]);
database.exec('begin immediate');
process.stdout.write('held\n');
process.stdin.once('data', () => {
  database.exec('rollback');
  process.stdout.write('released\n');
  process.stdin.pause();
});
