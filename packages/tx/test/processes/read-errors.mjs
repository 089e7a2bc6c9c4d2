// Reads the sum of a table again and again, or what a log has left, with few pages in memory. Prints what each call gave.
import { openTransactionManager } from '@cc/tx';

const [work, url] = process.argv.slice(2);
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const told = ({ type, code }) => ({ type, code });

try {
  const manager = await openTransactionManager({ url, pragmas: { cache_size: 10 } });
  for (let i = 0; i < (work === 'sum' ? 100 : 1); i += 1) {
    try {
      const { n, s } = await manager.db.get('select count(*) as n, sum(a) as s from t');
      say({ n, s });
    } catch (error) {
      say(told(error));
    }
  }
  await manager.close();
  say('closed');
} catch (error) {
  say(told(error));
}
