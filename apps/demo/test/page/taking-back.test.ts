// Whatever is done on the page can be taken back, in one go and over several views; and what is typed while the server is
// away is not lost.
import type { ModelId } from '@cc/schema';
import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { serving } from '../serving.js';
import { browsing, missing, overflowOf } from './browser.js';

describe.skipIf(missing !== '')(`what is done on the page${missing}`, () => {
  const served = serving();
  const open = browsing();
  const repositories = () => served().library.repositories;
  const idOf = (file: string): ModelId => served().ids.get(file) ?? ('' as ModelId);
  const address = (path: string) => new URL(path, served().server.url).href;

  /** Everything that people say about the models, and which there are. */
  async function said(): Promise<unknown> {
    const { models, tags, metadata, collections } = repositories();
    const all = [];
    for await (const model of models.listAll())
      all.push({
        ...model,
        // Taking back is a change like any other.
        ...{ version: null, updatedAt: null },
        tags: await tags.getTags(model.id),
        metadata: await metadata.getMetadata(model.id),
        collections: (await collections.collectionsOf(model.id)).map(({ id }) => id),
      });
    return all.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  it('is taken back step by step, every kind of change', async () => {
    const { models, collections, tags } = repositories();
    await collections.create({ name: 'Shelf' });
    await models.update(idOf('washer.stl'), { status: 'missing' });
    await tags.tag(idOf('gear.stl'), 'old');
    const before = await said();
    const { page, leave } = await open(address(`/models/${idOf('bolt.stl')}`));
    const steps: string[] = [];
    const done = async (text: string): Promise<void> => {
      await page.getByText(`${text}.`, { exact: true }).waitFor();
      steps.unshift(text);
    };
    for (const [label, text] of [
      ['Name', 'Long bolt'],
      ['Description', 'Of brass'],
    ] as const) {
      await page.getByLabel(label).fill(text);
      await page.getByLabel(label).blur();
      await done(`${label} changed`);
    }
    await page.getByText('4 stars').click({ force: true });
    await done('Rated 4 stars');
    await page.getByRole('button', { name: 'Favorite' }).click();
    await done('Favorite');
    await page.getByRole('button', { name: 'Archived' }).click();
    await done('Archived');
    await page.getByRole('button', { name: 'Printed now' }).click();
    await done('Printed noted');
    await page.getByPlaceholder('Add a tag').fill('steel');
    await page.keyboard.press('Enter');
    await done('Tagged steel');
    await page.getByRole('combobox', { name: 'Collections' }).selectOption('Shelf');
    await done('Added to Shelf');
    await page.getByRole('button', { name: 'Add a value' }).click();
    await page.getByRole('textbox', { name: 'Key' }).fill('layer');
    await page.getByRole('textbox', { name: 'Value' }).fill('fine');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await done('layer written');
    await changeTwo(page);
    await done('Changed: 2 models');
    await page.getByRole('link', { name: /^Work/ }).click();
    await page.getByRole('link', { name: 'Missing' }).click();
    await page.getByRole('button', { name: 'Forget washer' }).click();
    await done('1 model forgotten');
    expect(await repositories().models.read(idOf('washer.stl'))).toBeNull();
    for (const text of steps) {
      await page.keyboard.press('Control+z');
      await page.getByText(`Taken back: ${text.charAt(0).toLowerCase()}${text.slice(1)}.`).waitFor();
    }
    expect(await said()).toEqual(before);
    await leave();
  });

  it('brings back the search that another one of its name has replaced', async () => {
    const { search } = repositories();
    await search.saveSearch('mine', 'washer', { formats: ['stl'] });
    const kept = async () => (await search.getSavedSearches()).map(({ name, query }) => [name, query]);
    const { page, leave } = await open(address('/?q=bolt'));
    await page.getByRole('button', { name: 'Save this search' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('mine');
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Search “mine” saved.').waitFor();
    expect(await kept()).toEqual([['mine', 'bolt']]);
    await page.keyboard.press('Control+z');
    await page.getByText('Taken back: search “mine” saved.').waitFor();
    expect(await kept()).toEqual([['mine', 'washer']]);
    await page.keyboard.press('Control+Shift+z');
    await page.getByText('Done again: search “mine” saved.').waitFor();
    expect(await kept()).toEqual([['mine', 'bolt']]);
    await search.deleteSavedSearch('mine');
    await leave();
  });

  async function changeTwo(page: Page): Promise<void> {
    await page.getByRole('link', { name: 'Find' }).click();
    for (const name of ['gear', 'hex nut']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await page.getByRole('button', { name: 'Edit…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'old' }).click();
    await dialog.getByLabel('Rating').selectOption('2');
    await dialog.getByLabel('Printed').selectOption('now');
    await dialog.getByLabel('Add to collection').selectOption('Shelf');
    await dialog.getByRole('button', { name: 'Write' }).click();
  }

  it('is written after all when the server was away, and the page goes on by itself', async () => {
    const { page, context } = await open(address(`/models/${idOf('gear.stl')}`));
    const description = page.getByLabel('Description');
    await description.waitFor();
    await context.setOffline(true);
    await description.fill('Typed in a tunnel');
    await page.getByLabel('Name').focus();
    await page.getByText('Not written, because the server does not answer: description changed.').waitFor();
    // A view that was never loaded cannot come now, and does when the server is there again.
    await page.getByRole('link', { name: 'Saved' }).click();
    await page.getByRole('heading', { name: 'This part of the page could not be loaded' }).waitFor();
    await page.getByText('The page goes on by itself.').waitFor();
    await context.setOffline(false);
    await page.getByRole('heading', { name: 'Saved' }).waitFor();
    await page.getByRole('button', { name: 'Write it now' }).click();
    await page.getByText('Description changed.').waitFor();
    expect(await repositories().models.read(idOf('gear.stl'))).toMatchObject({ description: 'Typed in a tunnel' });
    await context.close();
  });

  it('is not held up by a part of the page that the server has no more, as after an update', async () => {
    const { page, context } = await open(address('/'));
    await page.route(/\/assets\/saved/, (route) => route.fulfill({ status: 404, body: 'of another version' }));
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    await page.getByRole('link', { name: 'Saved' }).click();
    await page.getByText('The server has another version of the page by now').waitFor();
    expect(await page.getByText('The server does not answer').count()).toBe(0);
    await page.unroute(/\/assets\/saved/);
    await page.getByRole('button', { name: 'Load the page again' }).click();
    await page.getByRole('heading', { name: 'Saved' }).waitFor();
    // Once before each of the two.
    expect(asked.filter((path) => path === '/healthz')).toHaveLength(2);
    await context.close();
  });

  it('is written when the page is loaded anew before its field was left', async () => {
    const { page, context } = await open(address(`/models/${idOf('gear.stl')}`));
    await page.getByLabel('Description').fill('Typed, and loaded anew');
    await page.reload();
    const read = async () => (await repositories().models.read(idOf('gear.stl')))?.description;
    await expect.poll(read, { timeout: 60_000 }).toBe('Typed, and loaded anew');
    await context.close();
  });

  it('goes on after events that were refused, a file that broke off and an answer that was none', async () => {
    const { page, context } = await open(address('/saved'));
    await page.getByRole('heading', { name: 'Saved' }).waitFor();
    // Each fails once.
    for (const [pattern, status] of [
      ['**/api/events', 503],
      ['**/file?*', 0],
      ['**/api/problems', 500],
    ] as const) {
      const fail = (route: Route) => (status === 0 ? route.abort() : route.fulfill({ status, body: 'nothing' }));
      await page.route(pattern, fail, { times: 1 });
    }
    await page.goto(address(`/models/${idOf('gear.stl')}`));
    await page.getByText('The page goes on by itself.').first().waitFor();
    await page.getByRole('button', { name: 'Wireframe' }).waitFor();
    await page.getByText('The page goes on by itself.').waitFor({ state: 'detached' });
    await repositories().models.update(idOf('gear.stl'), { name: 'heard again' });
    await page.getByRole('heading', { name: 'heard again' }).waitFor({ state: 'attached' });
    await page.getByRole('link', { name: /^Work/ }).click();
    await page.getByText('The server answered 500.').waitFor();
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByText('1 file could not be measured.').waitFor();
    await context.close();
  });

  it('has names to be seen, and fits, whatever a file is called and whatever is wrong with it', async () => {
    const reason = `needs http://${'an-address-without-a-place-to-break/'.repeat(3)}`;
    const { models } = repositories();
    const made = await models.create({
      ...({ name: ' \u200b ', format: 'stl', fileName: ' .stl', filePath: '/odd/ .stl', fileSize: 84 } as const),
      ...({ fileHash: 'f'.repeat(64), parseStatus: 'unparsed', parseError: reason } as const),
    });
    // In a select it is an option, whose length is none of the page's.
    const { collections, search } = repositories();
    const long = 'Kasten-'.repeat(20).replaceAll('-', '');
    const collection = await collections.create({ name: long });
    await search.saveSearch(long, 'gear', {});
    const { page, leave } = await open(address('/'), { size: 'phone' });
    await page.getByRole('link', { name: '.stl', exact: true }).click();
    await page.getByText(reason).waitFor();
    await page.getByRole('combobox', { name: 'Collections' }).selectOption(long);
    await page.getByRole('link', { name: long, exact: true }).waitFor();
    expect(await overflowOf(page)).toBe(0);
    await page.getByRole('link', { name: 'Saved' }).click();
    await page.getByRole('link', { name: long }).nth(1).waitFor();
    expect(await overflowOf(page)).toBe(0);
    await collections.delete(collection);
    await search.deleteSavedSearch(long);
    await models.delete(made);
    await leave();
  });

  it('keeps what a file says of its author from turning round what stands beside it', async () => {
    const author = '\u202eeman';
    await repositories().models.update(idOf('gear.stl'), { author, license: 'CC0' });
    const { page, leave } = await open(address(`/models/${idOf('gear.stl')}`));
    const [left, right] = [page.getByText(author, { exact: true }), page.getByText('CC0', { exact: true })];
    const [by, license] = [await left.boundingBox(), await right.boundingBox()];
    expect(by?.x).toBeLessThan(license?.x ?? 0);
    await leave();
  });

  it('says what is wrong with an address that it cannot ask for, and the way out', async () => {
    const { page, context } = await open(address('/?formats=nothing&q=gear'));
    await page.getByText('This address asks for something that Candy does not know.').waitFor();
    const way = page.getByRole('link', { name: 'Look without its filters and order' });
    // Another change has everything asked for again, and the way out stays where it is.
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const question = '**/api/models?*formats=nothing*';
    await page.route(question, (route) => held.then(() => route.continue()));
    const asked = page.waitForRequest(question);
    await repositories().models.update(idOf('gear.stl'), { description: 'changed beside it' });
    await asked;
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
    expect(await way.isVisible()).toBe(true);
    answer();
    await way.click();
    await page.waitForURL(/\/\?q=gear$/);
    await page.locator('.card').waitFor();
    await context.close();
  });
});
