// The page before a library with much of everything: long work lists, many marked models, collections in collections, and what a
// browser does with a page by itself: it prints, it translates, and it leads the keys to what fixed bars cover.
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { serving } from '../serving.js';
import { browsing, missing, narrowest } from './browser.js';

const many = 1_050;

describe.skipIf(missing !== '')(`a large library${missing}`, () => {
  const served = serving();
  const open = browsing();
  const address = (path: string) => new URL(path, served().server.url).href;
  const scrolledTo = (page: Page) => page.evaluate<number>('scrollY');

  beforeAll(async () => {
    const { collections, models } = served().library.repositories;
    // Long before a page is opened that would be told of them.
    const top = await collections.create({ name: 'Machines' });
    const inner = await collections.create({ name: 'Presses', parentId: top });
    await collections.create({ name: 'Small ones', parentId: inner });
    await models.createMany(
      Array.from({ length: many }, (_, at) => ({
        model: {
          ...({ name: `row ${at}`, format: 'stl', fileName: `row ${at}.stl`, filePath: `/rows/${at}.stl` } as const),
          ...({ fileHash: at.toString(16).padStart(64, '0'), fileSize: 84, status: 'archived' } as const),
          ...({ parseStatus: 'unparsed', parseError: `it ends in line ${at}` } as const),
        },
      })),
    );
  });

  /** Scrolls to the end of the list, page after page. */
  async function scrollThrough(page: Page): Promise<void> {
    await expect
      .poll(
        async () => {
          await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
          return await page.getByText('Loading more…').count();
        },
        { timeout: 60_000 },
      )
      .toBe(0);
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await page.getByRole('link', { name: `row ${many - 1}`, exact: true }).waitFor();
  }

  it('has the pages of a work list again, and the place in them, after a change and after a model', async () => {
    const { page, leave } = await open(address('/tasks/problems'));
    const rows = page.locator('.work li');
    for (const shown of [50, 100, 150]) {
      await expect.poll(() => rows.count()).toBe(shown);
      if (shown < 150) await page.getByRole('button', { name: 'Show more' }).click();
    }
    await rows.nth(120).scrollIntoViewIfNeeded();
    const at = await scrolledTo(page);
    expect(at).toBeGreaterThan(1_000);
    const name = (await rows.nth(120).getByRole('link').textContent()) ?? '';
    const { models } = served().library.repositories;
    const [first] = (await models.list({ filter: { parseStatuses: ['unparsed'] }, limit: 1 })).items;
    if (first === undefined) throw new Error('the list is empty');
    await models.update(first.id, { parseError: 'changed beside it' });
    await page.getByText('changed beside it').waitFor({ state: 'attached' });
    expect(await rows.count()).toBe(150);
    await rows.nth(120).getByRole('link').click();
    await page.getByRole('heading', { name }).waitFor({ state: 'attached' });
    await page.goBack();
    await expect.poll(() => rows.count()).toBe(150);
    await expect.poll(() => scrolledTo(page)).toBe(at);
    await leave();
  });

  it('says how many models can be changed together, and which were not marked because they are not loaded', async () => {
    const { page, leave } = await open(address('/?statuses=archived&sort=name&view=list'));
    const marks = page.getByRole('checkbox', { name: /^Select row/ });
    await marks.first().check();
    await scrollThrough(page);
    await marks.last().click({ modifiers: ['Shift'] });
    await page.getByText('1,050 selected, and 1,000 can be changed at once').waitFor();
    expect(await page.getByRole('button', { name: 'Edit…' }).isDisabled()).toBe(true);
    // Where it is found again only its first page and the last ones are loaded.
    // The place is noted when nobody has scrolled for a tenth of a second.
    await expect.poll(() => page.evaluate('history.state.scrollY === Math.round(scrollY)')).toBe(true);
    await page.reload();
    // Until the last ones are there, the last mark is one of the first page.
    await page.getByRole('checkbox', { name: `Select row ${many - 1}`, exact: true }).click();
    await page.evaluate('scrollTo(0, 0)');
    await page.getByRole('checkbox', { name: 'Select row 0', exact: true }).click({ modifiers: ['Shift'] });
    await page.getByText(/^\d+ models in between not marked/).waitFor();
    await leave();
  });

  it('asks for all collections at once, and not again when a model changes', async () => {
    const { models } = served().library.repositories;
    const { page, leave } = await open(address('/saved'));
    await page.getByRole('link', { name: 'Machines / Presses / Small ones' }).waitFor();
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname === '/api/collections') asked.push(search);
    });
    await page.getByRole('link', { name: 'Find', exact: true }).click();
    await page.getByLabel('Collection').selectOption('Machines / Presses / Small ones');
    await page.getByText('No model matches').waitFor();
    const before = [...asked];
    // None for what lies in one of them.
    expect([...new Set(before)]).toEqual(['?inside=all']);
    await page.getByRole('link', { name: 'Look without the filters' }).click();
    await page.getByRole('checkbox', { name: 'Select row 1049' }).check();
    await page.getByRole('button', { name: 'Favorites' }).last().click();
    await page.getByText('Marked as favorites: 1 model.').waitFor();
    // The page has read the list again by then.
    await page.locator('.card .badges svg').first().waitFor();
    expect(asked).toEqual(before);
    expect(await models.count({ favorite: true })).toBe(1);
    await leave();
  });

  it('is printed as it is on the screen, however far it was scrolled', async () => {
    const { page, leave } = await open(address('/?statuses=archived&sort=name'));
    await page.getByRole('link', { name: 'row 0', exact: true }).waitFor();
    await scrollThrough(page);
    const printed = (await page.pdf({ format: 'A4' })).toString('latin1');
    expect(printed.match(/\/Type\s*\/Page\b/g)?.length).toBeLessThan(5);
    await leave();
  });

  it('is left as it is by a browser that translates: counts and names stay those of the library', async () => {
    const { page, leave } = await open(address('/?statuses=archived'));
    await page.getByText('1,050 models').waitFor();
    // As Chrome does it: each text that may be translated is replaced by one of its own.
    await page.evaluate(`(() => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found = [];
      while (texts.nextNode()) if (texts.currentNode.parentElement.translate) found.push(texts.currentNode);
      for (const text of found) {
        const place = document.createElement('font');
        place.textContent = text.data;
        text.replaceWith(place);
      }
    })()`);
    await page.keyboard.press('/');
    await page.keyboard.type('row 1049');
    await page
      .getByRole('status')
      .filter({ hasText: /^1 model$/ })
      .waitFor();
    expect(await page.locator('.card h2').allTextContents()).toEqual(['row 1049']);
    await leave();
  });

  it('leads the keys to nothing that is covered, on a screen as small as a zoom of 400 % makes it', async () => {
    const { page, leave } = await open(address('/tasks/problems'));
    await page.setViewportSize({ width: narrowest.width, height: 256 });
    await page.getByRole('button', { name: 'Show more' }).waitFor();
    const covered: unknown[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate<{ readonly name: string; readonly isSeen: boolean }>(`(() => {
        const { activeElement: at } = document;
        const { left, top, width, height } = at.getBoundingClientRect();
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        return { name: at.textContent, isSeen: there !== null && (at.contains(there) || there.contains(at)) };
      })()`);
      if (!seen.isSeen) covered.push(seen.name);
    }
    expect(covered).toEqual([]);
    await leave();
  });
});
