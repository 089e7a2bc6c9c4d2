// Where somebody is on the page: the place in a long list stays, and with keys alone the focus is always somewhere, also when
// what had it has gone.
import { fileURLToPath } from 'node:url';
import type { ModelId } from '@cc/schema';
import Database from 'libsql';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { serving } from '../serving.js';
import { browsing, missing, sizes } from './browser.js';

describe.skipIf(missing !== '')(`where somebody is on the page${missing}`, () => {
  const served = serving();
  const open = browsing();
  const repositories = () => served().library.repositories;
  const address = (path: string) => new URL(path, served().server.url).href;
  const idOf = (file: string): ModelId => served().ids.get(file) ?? ('' as ModelId);

  /** The name of what has the focus; null when nothing has it. */
  const focused = (page: Page): Promise<string | null> =>
    page.evaluate<string | null>(`(() => {
      const { activeElement: at, body } = document;
      if (at === null || at === body) return null;
      if (at.id === 'main') return 'the view';
      const name = at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent;
      return name.trim().replace(/\\s+/g, ' ');
    })()`);
  /** Presses Tab, or another key, until what has the focus is called so. */
  const reach = async (page: Page, name: RegExp, key = 'Tab'): Promise<void> => {
    for (let turn = 0; turn < 150; turn += 1) {
      if (name.test((await focused(page)) ?? '')) return;
      await page.keyboard.press(key);
    }
    throw new Error(`${name} was not reached; ${await focused(page)} has the focus`);
  };
  const press = async (page: Page, name: RegExp, key = 'Tab'): Promise<void> => {
    await reach(page, name, key);
    await page.keyboard.press('Enter');
  };
  const said = (page: Page, text: string) => page.getByText(text, { exact: true }).last().waitFor();
  const isAt = (page: Page, name: string | RegExp) => expect.poll(() => focused(page)).toMatch(name);

  /** How far below the top of the screen something is; null when it is not on it. */
  const topOf = async (page: Page, what: Locator): Promise<number | null> => {
    const box = (await what.count()) === 0 ? null : await what.boundingBox();
    const height = page.viewportSize()?.height ?? 0;
    return box !== null && box.y > 0 && box.y + box.height < height ? Math.round(box.y) : null;
  };

  it('keeps few of many rows in the document, and its place in them', async () => {
    const { models } = repositories();
    await models.createMany(
      Array.from({ length: 450 }, (_, at) => ({
        model: {
          ...({ name: `row ${at}`, format: 'stl', fileName: `row ${at}.stl`, filePath: `/rows/${at}.stl` } as const),
          ...({ fileHash: at.toString(16).padStart(64, '0'), fileSize: 84, status: 'archived' } as const),
        },
      })),
    );
    const { page, leave } = await open(address('/?q=row&sort=name&statuses=archived'));
    await page.getByRole('status').filter({ hasText: '450 models' }).waitFor();
    await page.getByRole('link', { name: 'row 0', exact: true }).waitFor();
    const far = page.getByRole('link', { name: 'row 395', exact: true });
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, 2_000);
        return await far.count();
      })
      .toBe(1);
    expect(await page.locator('.card').count()).toBeLessThan(150);
    // Its row is the topmost: that is the one which stays, however many columns there are.
    await page.evaluate(
      `document.querySelector('[data-card="${await far.getAttribute('data-card')}"]').closest('li').scrollIntoView()`,
    );
    await far.focus();
    const top = await topOf(page, far);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'row 395' }).waitFor({ state: 'attached' });
    expect(await page.evaluate<number>('scrollY')).toBe(0);
    // Loaded again, the page has forgotten the list; the tab knows where its pages begin.
    for (const way of ['back', 'loaded again', 'loaded again over there'] as const) {
      if (way !== 'back') await page.reload();
      if (way === 'loaded again over there')
        await page.getByRole('heading', { name: 'row 395' }).waitFor({ state: 'attached' });
      if (way !== 'loaded again') await page.goBack();
      await far.waitFor();
      await expect.poll(() => page.locator(':focus').textContent()).toBe('row 395');
      expect([way, await topOf(page, far)]).toEqual([way, top]);
      if (way === 'loaded again') {
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'row 395' }).waitFor({ state: 'attached' });
      }
    }
    for (const width of [600, 360, 1_000, sizes.desk.width]) {
      await page.setViewportSize({ ...sizes.desk, width });
      await expect.poll(() => topOf(page, far)).not.toBeNull();
    }
    // What is before the screen goes, and comes to the front: what is on it stays where it is.
    const early = await models.search({ text: 'row' }, { sort: { by: 'name' }, limit: 20 });
    for (const { id } of early.items.slice(0, 10)) await models.delete(id);
    await page.getByRole('status').filter({ hasText: '440 models' }).waitFor();
    expect(await topOf(page, far)).toBe(top);
    // Up to the beginning without a gap.
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, -4_000);
        return await page.evaluate<number>('scrollY');
      })
      .toBe(0);
    await page.getByRole('link', { name: 'row 16', exact: true }).waitFor();
    await leave();
  });

  it('is led by keys alone through lists and dialogs, and from what goes to what is beside it', async () => {
    const { models, collections } = repositories();
    for (const file of ['bolt.stl', 'washer.stl']) await models.update(idOf(file), { status: 'missing' });
    await collections.create({ name: 'Shelf' });
    const { page, leave } = await open(address('/?q=gear&statuses=active'));
    await page.locator('.card mark').waitFor();
    await press(page, /^Save this search$/);
    await isAt(page, /^Name\./);
    await page.keyboard.type('Gears');
    await page.keyboard.press('Enter');
    await said(page, 'Search “Gears” saved.');
    await isAt(page, 'Save this search');
    await press(page, /^Without active$/, 'Shift+Tab');
    await expect.poll(() => focused(page)).not.toBeNull();
    await reach(page, /^gear$/);
    await page.keyboard.press('x');
    await press(page, /^Edit…$/);
    await isAt(page, 'Add tags');
    await page.keyboard.type('metal');
    await page.keyboard.press('Enter');
    await press(page, /^Write$/);
    await said(page, 'Changed: 1 model.');
    await isAt(page, 'gear');
    await page.keyboard.press('Enter');
    await isAt(page, 'the view');
    await press(page, /^Add a value$/);
    await isAt(page, 'Key');
    await page.keyboard.type('layer');
    await reach(page, /^Value$/);
    await page.keyboard.type('fine');
    await page.keyboard.press('Enter');
    await said(page, 'layer written.');
    await expect.poll(() => focused(page)).not.toBeNull();
    await press(page, /^Remove layer$/);
    await said(page, 'layer removed.');
    await isAt(page, 'Add a value');
    await press(page, /^Saved$/, 'Shift+Tab');
    await isAt(page, 'the view');
    await press(page, /^Rename Shelf$/);
    await isAt(page, 'Name of the collection');
    await page.keyboard.type(' two');
    await page.keyboard.press('Enter');
    await said(page, 'Collection “Shelf” is “Shelf two” now.');
    await isAt(page, /Shelf two/);
    await press(page, /^Remove Shelf two$/);
    // Not the button that removes it for good.
    await isAt(page, 'Keep');
    await page.keyboard.press('Enter');
    await press(page, /^Remove the search Gears$/, 'Shift+Tab');
    await said(page, 'Search “Gears” removed.');
    await isAt(page, 'Searches');
    await press(page, /^Work/, 'Shift+Tab');
    await isAt(page, 'the view');
    await press(page, /^Missing$/);
    for (const name of ['bolt', 'washer']) {
      await press(page, new RegExp(`^Forget ${name}$`));
      await page.getByRole('button', { name: `Forget ${name}` }).waitFor({ state: 'detached' });
      await expect.poll(() => focused(page)).not.toBeNull();
    }
    await page.keyboard.press('?');
    await isAt(page, 'Keys');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).not.toBe('Keys');
    expect(await focused(page)).not.toBeNull();
    await leave();
  });

  it('takes note of an alert by keys, and is beside it then', async () => {
    // A model that is not there, in a collection: what a check finds.
    const outside = new Database(fileURLToPath(served().place.url));
    outside.exec('PRAGMA foreign_keys = OFF');
    outside.exec('INSERT INTO collection_models (collection_id, model_seq) VALUES (0, 9999)');
    const { page, leave } = await open(address('/health'));
    await press(page, /^Check now$/);
    await page.getByText('A check has found').nth(1).waitFor();
    await press(page, /^Acknowledge$/);
    await page.getByText(/^acknowledged /).waitFor();
    await expect.poll(() => focused(page)).not.toBeNull();
    outside.exec('DELETE FROM collection_models WHERE model_seq = 9999');
    outside.close();
    await leave();
  });
});
