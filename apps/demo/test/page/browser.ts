// A real browser before a page, and what every walk through it is judged by: no error in its console, no question to
// another host, nothing that axe calls a fault.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';

const candidates = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));

/** '' where there is a browser; otherwise why the tests are skipped, for their title. */
export const missing =
  executablePath === undefined
    ? ' (skipped: no Chromium was found; install it, or name it in the variable CHROMIUM)'
    : '';

/** The sizes that the page is looked at in. */
export const sizes = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } } as const;
/** The narrowest size that it has to fit. */
export const narrowest = { width: 320, height: 640 } as const;

const shots = fileURLToPath(new URL('../../dist/screenshots', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How somebody comes to the page. */
export interface Visit {
  readonly size?: keyof typeof sizes;
  readonly theme?: 'light' | 'dark';
  /** Where their clock is, such as `Pacific/Auckland`. Default: where this one is. */
  readonly zone?: string;
}

/** A page that is watched. */
export interface Visited {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Ends the visit. @throws AssertionError for errors of the console and questions to other hosts */
  readonly leave: () => Promise<void>;
}

/** One browser for the tests of a file. */
export function browsing(): (url: string, visit?: Visit) => Promise<Visited> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (executablePath === undefined) return;
    browser = await chromium.launch({
      executablePath,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
      ],
    });
    mkdirSync(shots, { recursive: true });
  });
  afterAll(() => browser?.close());
  return async (url, { size = 'desk', theme = 'light', zone } = {}) => {
    if (browser === undefined) throw new Error('there is no browser');
    const context = await browser.newContext({
      ...{ viewport: sizes[size], colorScheme: theme, reducedMotion: 'reduce' },
      ...(zone !== undefined && { timezoneId: zone }),
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const { complaints, foreign } = watch(page, new URL(url).origin);
    await page.goto(url);
    return {
      page,
      context,
      leave: async () => {
        await context.close();
        expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
      },
    };
  };
}

function watch(page: Page, origin: string): { readonly complaints: string[]; readonly foreign: string[] } {
  const [complaints, foreign]: [string[], string[]] = [[], []];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // The graphics card of a machine without one says that it is slow. A refusal that the page shows is no error of the page.
    if (/GPU stall|GL Driver|status of (?:404|409)/.test(message.text())) return;
    complaints.push(message.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'blob:' && url.protocol !== 'data:') foreign.push(request.url());
  });
  return { complaints, foreign };
}

/** Keeps a picture of what is shown, in dist/screenshots. */
export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** What axe finds wrong, a line each. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  // By the debugger: the content policy of the page lets no other script in.
  await page.evaluate(axe);
  const found = await page.evaluate<readonly { readonly id: string; readonly target: string }[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => ({ id, target: target.join(' ') + ' ' + html }))))`,
  );
  return found.map(({ id, target }) => `${id}: ${target.slice(0, 200)}`);
}

/** How many pixels the page is wider than the screen, once it has laid itself out for it. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((told) =>
    requestAnimationFrame(() => requestAnimationFrame(() => told(document.documentElement.scrollWidth - innerWidth))))`);
}
