// Takes the whole file for itself, and gives it back, each time its parent says so.
import Database from 'libsql';

const database = new Database(process.argv[2]);
process.on('message', (order) => {
  database.exec(order === 'lock' ? 'begin exclusive' : 'rollback');
  process.send(order);
});
process.on('disconnect', () => process.exit());
process.send('ready');
