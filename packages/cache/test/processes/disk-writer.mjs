// Keeps entries of a database that is a number in a file, and changes it, for ever: to be killed at any moment by disk-kills.test.ts.
// Change `v` concerns key `v * 7 % keys`; what is true of a key is the last change of it.
// Told anything, it writes what waits, says `resting` and does no more: what it has kept is good when it is killed.
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const [folder, seed] = process.argv.slice(2);
const dist = new URL('../../dist/', import.meta.url);
// The part of the package that is loaded when a disk tier is asked for.
const part = readdirSync(dist).find((name) => /^disk-tier-.*\.js$/.test(name));
const { openDiskTier } = await import(new URL(part, dist));

const keys = 40;
let version = Number(readFileSync(`${folder}/database`, 'utf8'));
const lastChange = (key) => {
  for (let v = version; v > 0; v -= 1) if ((v * 7) % keys === key) return v;
  return 0;
};
const tier = await openDiskTier({ path: `${folder}/cache`, maxBytes: 2 ** 20, proof: () => `V${version}` });
const entry = (text) => ({ data: Buffer.from(text), loadedAt: 1, expiresAt: 2, tags: ['all'] });
const turn = () => new Promise((resolve) => setImmediate(resolve));

let by = Number(tier.get('own', 'count') ? Buffer.from(tier.get('own', 'count').data).toString().trim() : 0);
let random = Number(seed) + 1;
let rests = false;
process.stdin.once('data', () => {
  rests = true;
});
while (!rests) {
  random = (random * 48_271) % 2_147_483_647;
  for (let i = 0; i < 30; i += 1) {
    const key = (random + i) % keys;
    tier.set('space', String(key), entry(`${lastChange(key)} ${'x'.repeat((random + i) % 3_000)}`));
  }
  // Dropped by the program, without a change of the database.
  by += 1;
  tier.set('own', 'count', entry(String(by)));
  if (random % 3 === 0) tier.flush();
  tier.delete('own', 'count');
  process.stdout.write(`${by}\n`);
  if (random % 4 === 0) {
    version += 1;
    writeFileSync(`${folder}/next`, String(version));
    renameSync(`${folder}/next`, `${folder}/database`);
    tier.delete('space', String((version * 7) % keys));
  }
  if (random % 5 === 0) tier.flush();
  await turn();
}
tier.flush();
process.stdout.write('resting\n');
setInterval(() => undefined, 60_000);
