// promtool and prometheus themselves: those of the system, or Debian's package unpacked into a folder for temporary files.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of the two programs, or why there are none here. */
export const prometheusPrograms: { readonly promtool: string; readonly prometheus: string } | string = find();

function find(): { promtool: string; prometheus: string } | string {
  const folder = join(tmpdir(), 'cc-prometheus-of-debian');
  const unpacked = { promtool: join(folder, 'usr/bin/promtool'), prometheus: join(folder, 'usr/bin/prometheus') };
  for (const programs of [{ promtool: 'promtool', prometheus: 'prometheus' }, unpacked]) {
    if (runs(programs.promtool)) return programs;
  }
  try {
    const making = mkdtempSync(join(tmpdir(), 'cc-prometheus-'));
    const options = { cwd: making, stdio: 'ignore', timeout: 120_000 } as const;
    execFileSync('apt-get', ['download', 'prometheus'], options);
    const archive = readdirSync(making).find((name) => name.endsWith('.deb')) ?? '';
    mkdirSync(join(making, 'files'));
    execFileSync('dpkg-deb', ['-x', archive, 'files'], options);
    if (!existsSync(folder)) renameSync(join(making, 'files'), folder);
    return runs(unpacked.promtool) ? unpacked : 'promtool of Debian does not run here';
  } catch {
    return 'neither promtool nor the package prometheus of Debian can be had here';
  }
}

function runs(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
