// Keys alone: the focus is always somewhere, also when what had it has gone, and what was done is said.
import type { ModelId } from '@cc/schema';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { serving } from '../serving.js';
import { browsing, missing } from './browser.js';

describe.skipIf(missing !== '')(`with keys alone${missing}`, () => {
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

  it('leads through lists and dialogs, and from what goes to what is beside it', async () => {
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
});
