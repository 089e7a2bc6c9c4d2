// Tells which packages are loaded, one line of JSON each: by importing @cc/tx, by using a local file, by reaching for a server.
import { createRequire, register } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const { port1: heard, port2: port } = new MessageChannel();
const hooks = `let port;
export const initialize = (data) => { port = data; };
export async function load(url, context, next) {
  const loaded = await next(url, context);
  port.postMessage(url);
  return loaded;
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: port, transferList: [port] });

const modules = new Set();
const { cache } = createRequire(import.meta.url);
const tell = () => {
  for (let message = receiveMessageOnPort(heard); message; message = receiveMessageOnPort(heard))
    modules.add(message.message);
  // What a CommonJS module requires goes past the hooks.
  for (const path of Object.keys(cache)) modules.add(path.replaceAll('\\', '/'));
  const names = [...modules].map((module) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1]);
  process.stdout.write(`${JSON.stringify([...new Set(names.filter((name) => name !== undefined))].sort())}\n`);
};

const { openTransactionManager } = await import('@cc/tx');
tell();
const [url] = process.argv.slice(2);
const manager = await openTransactionManager({ url });
await manager.transaction((tx) => tx.db.run('insert into t values (1)'));
await manager.read((tx) => tx.db.all('select * from t'));
await manager.close();
tell();
await openTransactionManager({ url: 'http://127.0.0.1:4', retry: false }).catch((error) => {
  if (error.type !== 'connection') throw error;
});
tell();
heard.close();
