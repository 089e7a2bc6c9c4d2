// Answers that come late, or in another order than they were asked for: what is on the screen in the end is what is in the
// library. The tests hold answers back until what overtakes them has happened.
import type { ModelId } from '@cc/schema';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { serving } from '../serving.js';
import { browsing, missing } from './browser.js';

describe.skipIf(missing !== '')(`an answer that comes late${missing}`, () => {
  const served = serving();
  const open = browsing();
  const read = (id: ModelId) => served().library.repositories.models.read(id);
  const idOf = (file: string): ModelId => served().ids.get(file) ?? ('' as ModelId);
  const address = (path: string) => new URL(path, served().server.url).href;

  /** Asks the server at once, and holds the next answer of an address back until it is let go. */
  async function holdNext(page: Page, pattern: string): Promise<{ readonly isHeld: Promise<void>; letGo: () => void }> {
    const [held, gone] = [deferred(), deferred()];
    await page.route(
      pattern,
      async (route) => {
        const response = await route.fetch();
        held.resolve();
        await gone.promise;
        // Nobody waits for it any more where it was overtaken by another question.
        await route.fulfill({ response }).catch(() => {});
      },
      { times: 1 },
    );
    return { isHeld: held.promise, letGo: gone.resolve };
  }

  it('leaves no list as it was before a change that came meanwhile', async () => {
    const { page, leave } = await open(address('/saved'));
    await page.getByRole('heading', { name: 'Saved' }).waitFor();
    await page.waitForLoadState('networkidle');
    const { isHeld, letGo } = await holdNext(page, '**/api/models?*');
    const heard = page.waitForResponse('**/api/library');
    await page.getByRole('combobox', { name: 'Search the library' }).fill('washer');
    await isHeld;
    await served().library.repositories.models.update(idOf('washer.stl'), { name: 'washer of steel' });
    // The frame asks again when the page has heard of it.
    await heard;
    letGo();
    await page.getByRole('link', { name: 'washer of steel' }).waitFor();
    await leave();
  });

  it('takes nothing back that was chosen after it', async () => {
    const id = idOf('gear.stl');
    const { page, leave } = await open(address(`/models/${id}`));
    const star = (stars: number) => page.locator('label.star').nth(stars - 1);
    await star(1).waitFor();
    const { isHeld, letGo } = await holdNext(page, '**/api/edits');
    await star(2).click();
    await isHeld;
    for (const stars of [3, 5]) await star(stars).click();
    const seen: number[] = [];
    await page.exposeFunction('noteStars', (stars: number) => void seen.push(stars));
    await page.evaluate(
      `new MutationObserver(() => noteStars(document.querySelectorAll('label.star.on').length))
        .observe(document.body, { subtree: true, attributes: true })`,
    );
    letGo();
    await expect.poll(async () => (await read(id))?.rating, { timeout: 60_000 }).toBe(5);
    await page.waitForLoadState('networkidle');
    expect(new Set([...seen, await page.locator('label.star.on').count()])).toEqual(new Set([5]));
    await leave();
  });

  it('loses no step that was taken back while the one before was', async () => {
    const id = idOf('hex nut.stl');
    const { page, leave } = await open(address(`/models/${id}`));
    const description = page.getByLabel('Description');
    const written = async (text: string): Promise<void> => {
      await expect.poll(async () => (await read(id))?.description, { timeout: 60_000 }).toBe(text);
    };
    for (const text of ['one', 'two', 'three']) {
      await description.fill(text);
      await description.blur();
      await written(text);
    }
    const { isHeld, letGo } = await holdNext(page, '**/api/edits');
    await page.keyboard.press('Control+z');
    await isHeld;
    await page.keyboard.press('Control+z');
    letGo();
    await written('one');
    for (const text of ['two', 'three']) {
      await page.getByText('Taken back').last().waitFor();
      await page.keyboard.press('Control+Shift+z');
      await written(text);
    }
    await leave();
  });

  it('is waited for before what it writes is taken back', async () => {
    const id = idOf('washer.stl');
    const { page, leave } = await open(address(`/models/${id}`));
    const description = page.getByLabel('Description');
    await description.fill('kept');
    await description.blur();
    await page.getByText('Description changed.').waitFor();
    const { isHeld, letGo } = await holdNext(page, '**/api/edits');
    await page.getByRole('button', { name: 'Favorite' }).click();
    await isHeld;
    await page.keyboard.press('Control+z');
    letGo();
    await page.getByText('Taken back: favorite.').waitFor();
    expect(await read(id)).toMatchObject({ description: 'kept', favorite: false });
    await leave();
  });

  const importsBefore = async (): Promise<number> => (await served().ask('/api/imports')).json.items.length;
  const importAll = async (): Promise<void> => {
    const { json } = await served().ask('/api/imports', { method: 'POST', body: { folder: served().place.models } });
    const stateOf = async () => (await served().ask(`/api/imports/${json.id}`)).json.state;
    await expect.poll(stateOf, { timeout: 60_000 }).toBe('done');
  };

  it('does not hide an import that was begun and has ended since', async () => {
    const { page, leave } = await open(address('/'));
    const before = await importsBefore();
    const { isHeld, letGo } = await holdNext(page, '**/api/imports');
    await page.getByRole('link', { name: 'Import' }).click();
    await isHeld;
    await importAll();
    const finished = page.getByText('finished');
    await finished.first().waitFor();
    letGo();
    await page.waitForLoadState('networkidle');
    expect(await finished.count()).toBe(before + 1);
    await leave();
  });

  it('of which nobody has heard is asked for when the server is heard again', async () => {
    const { page, context } = await open(address('/saved'));
    const before = await importsBefore();
    // A stream of events that breaks off again and again, and tells nothing else than that.
    await page.route('**/api/events', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: 'retry: 500\nevent: resync\ndata: {}\n\n' }),
    );
    const first = page.waitForResponse('**/api/imports');
    await page.goto(address('/import'));
    await first;
    await importAll();
    await page.getByText('finished').nth(before).waitFor();
    await context.close();
  });

  it('follows the page that it was asked for behind, and comes once', async () => {
    await served().library.repositories.models.createMany(
      Array.from({ length: 250 }, (_, at) => ({
        model: {
          ...{ name: `gone ${at}`, filePath: `/gone/${at}.stl`, fileName: `${at}.stl`, format: 'stl' as const },
          ...{ fileSize: 1, fileHash: at.toString(16).padStart(64, '0'), status: 'missing' as const },
        },
      })),
    );
    const { page, leave } = await open(address('/tasks/missing'));
    const more = page.getByRole('button', { name: 'Show more' });
    await more.waitFor();
    const { isHeld, letGo } = await holdNext(page, '**/api/missing?*');
    await more.click();
    await isHeld;
    const second = page.waitForResponse('**/api/missing?*');
    await more.click();
    await second;
    letGo();
    await page.waitForLoadState('networkidle');
    while (await more.isVisible()) {
      const next = page.waitForResponse('**/api/missing?*');
      await more.click();
      await next;
      await page.waitForLoadState('networkidle');
    }
    const names = await page.locator('.work a').allTextContents();
    expect([new Set(names).size, names.length]).toEqual([250, 250]);
    await leave();
  });
});

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
