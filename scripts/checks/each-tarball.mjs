// Runs one command on every tarball that `packing.mjs` made, the path last. Usage: each-tarball.mjs <folder> <command...>
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { conclude } from './packages.mjs';

const [folder, command, ...args] = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.tgz'))
  .sort();
if (files.length === 0) throw new Error('There is no tarball to look at: run the check "packing" first.');
const problems = files.flatMap((file) => {
  const { status, stdout, stderr } = spawnSync(command, [...args, join(folder, file)], { encoding: 'utf8' });
  return status === 0 ? [] : [`${file}:\n${stdout}${stderr}`];
});
conclude(problems, `${command} has nothing against ${files.length} tarballs`);
