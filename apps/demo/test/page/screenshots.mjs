// `npm run screenshots`: the two pictures of the page in the README, made from the sample library by the built program. Another
// library can be named: `npm run screenshots -- <folder of models>`.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const candy = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const images = fileURLToPath(new URL('../../../../docs/images', import.meta.url));
const cwd = mkdtempSync(join(tmpdir(), 'candy-screenshots-'));
const models = process.argv[2];
const filled = spawnSync(process.execPath, [candy, ...(models ? ['import', resolve(models)] : ['--no-serve'])], {
  cwd,
  encoding: 'utf8',
});
// 2: some of the files could not be measured.
if (filled.status !== 0 && filled.status !== 2) throw new Error(`The library could not be filled.\n${filled.stderr}`);
const server = spawn(process.execPath, [candy, 'serve', '--port', '0', '--json'], {
  cwd,
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  });
  await shoot(browser, await addressOf(server));
  await browser.close();
} finally {
  server.kill();
  await once(server, 'exit');
  rmSync(cwd, { recursive: true, force: true });
}

async function shoot(browser, address) {
  mkdirSync(images, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1000, height: 620 }, colorScheme: 'light' });
  await page.goto(address);
  await page.locator('.card').first().waitFor();
  await page.waitForLoadState('networkidle').catch(() => {
    // The events never end; what is on the screen by now is what there is.
  });
  await page.screenshot({ path: join(images, 'find.png') });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('[data-card]').first().click();
  await page.getByRole('button', { name: 'Reset' }).waitFor();
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(images, 'model.png') });
}

/** The first line of `serve --json` has the address. */
async function addressOf({ stdout }) {
  let text = '';
  for await (const line of createInterface({ input: stdout })) {
    text += line;
    const url = /"url":\s*"([^"]+)"/.exec(text)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('candy serve ended before it had an address');
}
