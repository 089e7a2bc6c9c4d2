// When a page listens to its server: while it is seen, and before it asks. A browser opens six connections to a server, for all
// its pages together, and keeps pages that were left as they are.
import type { ModelId } from '@cc/schema';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { serving } from '../serving.js';
import { browsing, missing } from './browser.js';

describe.skipIf(missing !== '')(`a page listens${missing}`, () => {
  const served = serving();
  const open = browsing();
  const address = (path: string) => new URL(path, served().server.url).href;
  const rename = (file: string, name: string) =>
    served().library.repositories.models.update(served().ids.get(file) ?? ('' as ModelId), { name });
  const cardOf = (page: Page, name: string) => page.getByRole('link', { name });

  it('only while it is seen, so that a browser with many of them can still ask', async () => {
    const { page: first, context, leave } = await open(address('/'));
    // In a browser without windows every page is seen.
    await context.addInitScript(
      `Object.defineProperty(document, 'visibilityState', { get: () => (globalThis.isAway ? 'hidden' : 'visible') })`,
    );
    const turn = (page: Page, isAway: boolean) =>
      page.evaluate(`globalThis.isAway = ${isAway}; document.dispatchEvent(new Event('visibilitychange'))`);
    await first.reload();
    await cardOf(first, 'washer').waitFor();
    let last = first;
    for (let pages = 2; pages <= 8; pages += 1) {
      await turn(last, true);
      last = await context.newPage();
      last.setDefaultTimeout(60_000);
      await last.goto(address('/'));
      await cardOf(last, 'washer').waitFor();
    }
    await rename('washer.stl', 'washer, seen by the last');
    await cardOf(last, 'washer, seen by the last').waitFor();
    expect(await cardOf(first, 'washer, seen by the last').count()).toBe(0);
    await turn(first, false);
    await cardOf(first, 'washer, seen by the last').waitFor();
    await leave();
  });

  it('again when somebody comes back to it and the browser has kept it', async () => {
    const { page, leave } = await open(address('/'));
    await cardOf(page, 'bolt').waitFor();
    await page.evaluate(`for (const type of ['pagehide', 'pageshow'])
      dispatchEvent(new PageTransitionEvent(type, { persisted: true }))`);
    await rename('bolt.stl', 'bolt, after coming back');
    await cardOf(page, 'bolt, after coming back').waitFor();
    await leave();
  });

  it('before it asks, or asks again: nothing that changes in between is missed', async () => {
    const { server } = served();
    const { context, leave } = await open(address('/saved'));
    // Another page that is open has heard of the change already.
    const told = new Promise<void>((resolve) => {
      const end = server.feed.listen(
        undefined,
        ({ name }) => {
          if (name !== 'change') return;
          end();
          resolve();
        },
        () => {},
      );
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    let letGo = (): void => {};
    const gone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route('**/api/events', (route) => gone.then(() => route.continue()), { times: 1 });
    await page.goto(address('/'));
    await cardOf(page, 'gear').waitFor();
    await rename('gear.stl', 'gear, changed in between');
    await told;
    letGo();
    await cardOf(page, 'gear, changed in between').waitFor();
    await leave();
  });
});
