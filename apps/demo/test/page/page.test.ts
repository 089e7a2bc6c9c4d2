// Walks through the page in a real browser, over a real server and a real library: what somebody does on it, judged by what
// is on the screen and by what is in the library afterwards.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serveLibrary } from '../../src/serve/server.js';
import { cubeStl, serving } from '../serving.js';
import { put } from '../temporary-library.js';
import { browsing, faultsOf, missing, narrowest, overflowOf, shoot, sizes, type Visit } from './browser.js';

describe.skipIf(missing !== '')(`the page${missing}`, () => {
  const served = serving();
  const open = browsing();
  const visit = (path: string, how?: Visit) => open(`${served().server.url.replace(/\/$/, '')}${path}`, how);
  const modelPath = (file: string): string => `/models/${idOf(file)}`;
  const idOf = (file: string) => {
    const id = served().ids.get(file);
    if (id === undefined) throw new Error(`${file} is not in the library`);
    return id;
  };
  const modelOf = (file: string) => served().library.repositories.models.read(idOf(file));

  it('finds while one types, marks the words, and has everything in its address', async () => {
    const { page, leave } = await visit('/');
    await page.getByRole('status').filter({ hasText: '5 models' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('ge');
    await page.locator('.card mark', { hasText: 'ge' }).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('ge');
    await page.getByRole('option', { name: /gear/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=gear/);
    await page.goBack();
    await page.getByRole('status').filter({ hasText: '5 models' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Search the library' }).inputValue()).toBe('');
    await page.goForward();
    await page.getByRole('status').filter({ hasText: '1 model' }).waitFor();
    await page.goto(`${new URL(page.url()).origin}/?q=wsaher`);
    await page.getByText('Did you mean').waitFor();
    await page.getByRole('link', { name: 'washer', exact: true }).first().waitFor();
    await leave();
  });

  it('narrows by filters with counts, and takes each away again', async () => {
    const { page, leave } = await visit('/');
    await page.getByLabel('Measured').selectOption('unparsed');
    await page.getByRole('status').filter({ hasText: '1 model' }).waitFor();
    expect(new URL(page.url()).search).toBe('?parseStatuses=unparsed');
    await page.getByRole('button', { name: 'Without could not be measured' }).click();
    await page.getByRole('status').filter({ hasText: '5 models' }).waitFor();
    await page.getByRole('checkbox', { name: /^stl/ }).check();
    await page.waitForURL(/formats=stl/);
    await page.goBack();
    await page.getByRole('checkbox', { name: /^stl/, checked: false }).waitFor();
    await leave();
  });

  it('narrows a collection by filters, with counts of what is in it', async () => {
    const { collections, metadata } = served().library.repositories;
    const id = await collections.create({ name: 'Kit' });
    await collections.addModels(id, [idOf('gear.stl'), idOf('damaged.stl')]);
    await metadata.setMetadataValue(idOf('gear.stl'), 'layer', 0.2);
    const { page, leave } = await visit('/');
    await page.getByLabel('Collection').selectOption('Kit');
    await page.getByRole('status').filter({ hasText: '2 models' }).waitFor();
    await page.getByRole('button', { name: 'Without Kit' }).waitFor();
    await page.locator('label', { hasText: /^stl2$/ }).waitFor();
    await page.getByLabel('Measured').selectOption('parsed');
    await page.getByRole('status').filter({ hasText: '1 model' }).waitFor();
    await page.getByRole('combobox', { name: 'Search the library' }).fill('gear');
    await page.locator('.card mark').waitFor();
    await page
      .getByRole('button', { name: 'Clear' })
      .or(page.getByRole('link', { name: 'Clear all' }))
      .click();
    for (const [side, mm] of [
      ['Width', 1],
      ['Depth', 3],
      ['Height', 2],
    ] as const)
      await page.getByLabel(`${side} of what it fits into`).fill(String(mm));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Without fits 1 × 3 × 2 mm' }).waitFor();
    await page.getByRole('combobox', { name: 'Search the library' }).fill('');
    await page.getByRole('link', { name: 'bolt', exact: true }).waitFor();
    expect(await page.locator('.card').count()).toBe(1);
    await page.getByRole('button', { name: 'Without fits 1 × 3 × 2 mm' }).click();
    const typed = page.getByLabel(/^Metadata/);
    await typed.fill('=3');
    await typed.press('Enter');
    await page.getByText('It must begin with a key.').waitFor();
    await typed.fill('layer>=0.2');
    await typed.press('Enter');
    await page.waitForURL(/meta=layer%3E%3D0.2/);
    await page.getByRole('status').filter({ hasText: '1 model' }).waitFor();
    await page.goBack();
    await page.getByRole('status').filter({ hasText: '5 models' }).waitFor();
    await collections.delete(id);
    await metadata.deleteMetadata(idOf('gear.stl'));
    await leave();
  });

  it('goes from model to model by keys, and comes back to where it was', async () => {
    const { page, leave } = await visit('/?sort=name');
    const first = page.locator('[data-card]').first();
    await first.focus();
    await page.keyboard.press('ArrowRight');
    const name = await page.locator(':focus').textContent();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: name ?? '' }).waitFor({ state: 'attached' });
    await page.getByRole('link', { name: 'Back to the list' }).click();
    await page.waitForURL(/sort=name/);
    await first.waitFor();
    await leave();
  });

  it('shows a model from all sides, with its size and a grid', async () => {
    const { page, leave } = await visit(modelPath('gear.stl'));
    const stage = page.getByRole('img', { name: /to turn with the mouse/ });
    await page.getByRole('button', { name: 'Wireframe' }).click();
    expect(await page.getByRole('button', { name: 'Wireframe' }).getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: 'Up: Z' }).click();
    await page.getByRole('button', { name: 'Up: Y' }).waitFor();
    const before = await stage.screenshot();
    await stage.focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(async () => before.equals(await stage.screenshot())).toBe(false);
    await leave();
  });

  it('writes each field when it is left, and takes everything back', async () => {
    const { page, leave } = await visit(modelPath('bolt.stl'));
    const name = page.getByLabel('Name');
    await name.fill('Long bolt');
    await name.press('Enter');
    await page.getByText('Name changed.').waitFor();
    await page.getByText('3 stars').click({ force: true });
    await page.getByText('Rated 3 stars.').waitFor();
    // A star takes nothing back by itself, so the key is the page's there too, and no message offers it a second time.
    await page.keyboard.press('Control+z');
    await page.getByText('Taken back: rated 3 stars.').waitFor();
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await page.keyboard.press('Control+Shift+z');
    await page.getByText('Done again: rated 3 stars.').waitFor();
    await page.getByRole('button', { name: 'Favorite' }).click();
    await page.getByText('Favorite.', { exact: true }).waitFor();
    await page.getByPlaceholder('Add a tag').fill('steel');
    await page.keyboard.press('Enter');
    await page.getByText('Tagged steel.').waitFor();
    await page.getByRole('button', { name: 'Add a value' }).click();
    await page.getByRole('textbox', { name: 'Key' }).fill('layer');
    await page.getByRole('combobox', { name: 'Type' }).selectOption('number');
    await page.getByRole('textbox', { name: 'Value' }).fill('0.2');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('layer written.').waitFor();
    const { repositories } = served().library;
    expect(await modelOf('bolt.stl')).toMatchObject({ name: 'Long bolt', rating: 3, favorite: true });
    expect(await repositories.tags.getTags(idOf('bolt.stl'))).toEqual(['steel']);
    expect(await repositories.metadata.getMetadata(idOf('bolt.stl'))).toMatchObject({ layer: 0.2 });
    await page.locator('body').click({ position: { x: 5, y: 300 } });
    for (const what of ['layer written', 'tagged steel', 'favorite', 'rated 3 stars', 'name changed']) {
      await page.keyboard.press('Control+z');
      await page.getByText(`Taken back: ${what}.`).waitFor();
    }
    expect(await modelOf('bolt.stl')).toMatchObject({ name: 'bolt', rating: null, favorite: false });
    expect(await repositories.tags.getTags(idOf('bolt.stl'))).toEqual([]);
    await expect.poll(() => name.inputValue()).toBe('bolt');
    await page.keyboard.press('Control+Shift+z');
    await page.getByText('Done again: name changed.').waitFor();
    expect(await modelOf('bolt.stl')).toMatchObject({ name: 'Long bolt' });
    await page.keyboard.press('Control+z');
    await leave();
  });

  it('changes several models at once, or none', async () => {
    const { page, leave } = await visit('/?sort=name');
    await page.getByRole('checkbox', { name: 'Select gear' }).check();
    await page.getByRole('checkbox', { name: 'Select washer' }).check();
    await page.getByText('2 selected').waitFor();
    await page.getByRole('button', { name: 'Edit…' }).click();
    await page.getByLabel('Add tags').fill('metal');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByLabel('Rating').selectOption('4');
    await page.getByRole('button', { name: 'Write' }).click();
    await page.getByText('Changed: 2 models.').waitFor();
    expect(await modelOf('gear.stl')).toMatchObject({ rating: 4 });
    expect(await served().library.repositories.tags.getTags(idOf('washer.stl'))).toEqual(['metal']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back: changed: 2 models.').waitFor();
    expect(await modelOf('gear.stl')).toMatchObject({ rating: null });
    await leave();
  });

  it('shows both values when two pages change the same, and writes the one that is chosen', async () => {
    const [one, other] = [await visit(modelPath('hex nut.stl')), await visit(modelPath('hex nut.stl'))];
    const description = other.page.getByLabel('Description');
    await description.fill('Of brass');
    // The other page has the field open when this one writes it.
    await one.page.getByLabel('Description').fill('Of steel');
    await one.page.getByLabel('Name').focus();
    await one.page.getByText('Description changed.').waitFor();
    // What the first page wrote is on the other one too, but for the field that somebody is typing in.
    await one.page.getByRole('button', { name: 'Favorite' }).click();
    await other.page.getByRole('button', { name: 'Favorite', pressed: true }).waitFor();
    expect(await description.inputValue()).toBe('Of brass');
    await other.page.getByLabel('Name').focus();
    await other.page.getByRole('heading', { name: 'Changed by somebody else meanwhile' }).waitFor();
    await other.page.getByLabel(/^Yours/).check();
    expect(await faultsOf(other.page)).toEqual([]);
    await shoot(other.page, 'conflict');
    await other.page.getByRole('button', { name: 'Write what I chose' }).click();
    await other.page.getByText('Description changed.').waitFor();
    expect(await modelOf('hex nut.stl')).toMatchObject({ description: 'Of brass' });
    // The first page shows it without being asked.
    await expect.poll(() => one.page.getByLabel('Description').inputValue()).toBe('Of brass');
    await one.leave();
    await other.leave();
  });

  it('imports a folder and uploaded files, and says what became of each', async () => {
    const { page, leave } = await visit('/import');
    const folder = put(served().place.folder, 'more/spring.stl', cubeStl(40)).replace(/spring\.stl$/, '');
    put(served().place.folder, 'more/broken.stl', 'solid\nfacet nonsense\n');
    await page.getByLabel(/whole path/).fill(folder);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const done = page.getByRole('article', { name: folder });
    await done.getByText('finished').waitFor();
    await done.getByText('Each file').click();
    await done.getByRole('cell', { name: /^unparsed: .+/ }).waitFor();
    const file = { name: 'lever.stl', mimeType: 'model/stl', buffer: Buffer.from(cubeStl(50)) };
    await page.getByLabel('Choose files').setInputFiles(file);
    await page.getByText('finished').nth(1).waitFor();
    await shoot(page, 'import');
    await page.getByRole('link', { name: 'Candy' }).click();
    await page.getByRole('status').filter({ hasText: '8 models' }).waitFor();
    const { items } = await served().library.repositories.models.search({ text: 'lever' });
    expect(items).toHaveLength(1);
    await leave();
  });

  it('takes files that are dropped', async () => {
    const { page, leave } = await visit('/import');
    const text = JSON.stringify(cubeStl(60));
    const dataTransfer = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([${text}], 'dropped.stl'));
      return transfer;
    })()`);
    await page.getByRole('region', { name: 'Drop files' }).dispatchEvent('drop', { dataTransfer });
    await expect.poll(() => served().library.repositories.models.count({ text: 'dropped' })).toBe(1);
    await leave();
  });

  it('has its filters on a phone as well', async () => {
    const { page, leave } = await visit('/', { size: 'phone' });
    await page.getByRole('button', { name: 'Filters' }).click();
    const dialog = page.getByRole('dialog', { name: 'Filters' });
    await dialog.getByRole('checkbox', { name: /^stl/ }).check();
    expect(await faultsOf(page)).toEqual([]);
    await shoot(page, 'filters-phone');
    await dialog.getByRole('button', { name: /^Show/ }).click();
    await page.getByRole('button', { name: 'Without STL' }).waitFor();
    await leave();
  });

  it('lets nobody in who does not know the token, where one is asked for', async () => {
    const token = 'a token of thirty letters here';
    const folder = join(served().place.folder, '.candy');
    await using server = await serveLibrary(served().library, { folder, port: 0, token });
    const { page, context } = await open(server.url);
    await page.getByLabel(/token/i).fill('not the token at all');
    await page.getByLabel(/token/i).press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByLabel(/token/i).fill(token);
    await page.getByLabel(/token/i).press('Enter');
    await page.getByRole('link', { name: 'gear', exact: true }).waitFor();
    expect(page.url()).not.toContain(token);
    await context.close();
  });

  it('saves a search, and forgets it with the way back', async () => {
    const { page, leave } = await visit('/?q=gear');
    await page.getByRole('button', { name: 'Save this search' }).click();
    // By keys alone: it begins with the name, and a space is part of it.
    await page.getByRole('dialog').getByRole('textbox').waitFor();
    await page.keyboard.type('All gears');
    await page.keyboard.press('Enter');
    await page.getByText('Search “All gears” saved.').waitFor();
    await page.getByRole('link', { name: 'Saved' }).click();
    await page.getByRole('button', { name: 'Remove the search All gears' }).click();
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await page.getByRole('link', { name: 'All gears' }).click();
    await page.waitForURL(/\?q=gear$/);
    await leave();
  });

  it('says how the library is, and checks and backs it up', async () => {
    const { page, leave } = await visit('/health');
    await page.getByRole('region', { name: 'Status' }).waitFor();
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('check is done').waitFor();
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByText('backup is done').waitFor();
    await page
      .locator('.statement summary')
      .filter({ hasText: /^select/ })
      .first()
      .click();
    const open = page.locator('.statement[open]');
    await open.getByRole('button', { name: 'How does it run' }).click();
    await open.getByRole('status').waitFor();
    await leave();
  });

  const places = () => ({
    find: '/',
    list: '/?view=list&q=gear',
    nothing: '/?q=zzzzzz',
    model: modelPath('gear.stl'),
    problem: modelPath('damaged.stl'),
    saved: '/saved',
    problems: '/tasks/problems',
    missing: '/tasks/missing',
    duplicates: '/tasks/duplicates',
    import: '/import',
    health: '/health',
    nowhere: '/nowhere',
  });

  it.each([
    { size: 'desk', theme: 'light' },
    { size: 'phone', theme: 'dark' },
  ] as const)('has no fault that axe knows, $size and $theme, and fits', async ({ size, theme }) => {
    const { page, leave } = await visit('/', { size, theme });
    const faults: string[] = [];
    for (const [name, path] of Object.entries(places())) {
      await page.goto(new URL(path, page.url()).href);
      await page.locator('h1').first().waitFor({ state: 'attached' });
      if (name === 'model') await page.getByRole('button', { name: 'Reset' }).waitFor();
      faults.push(...(await faultsOf(page)).map((fault) => `${name}: ${fault}`));
      await shoot(page, `${name}-${size}-${theme}`);
      await page.setViewportSize(size === 'phone' ? narrowest : sizes[size]);
      const over = await overflowOf(page);
      if (over > 0) faults.push(`${name}: ${over} pixels wider than the screen`);
      await page.setViewportSize(sizes[size]);
    }
    expect(faults).toEqual([]);
    await leave();
  });
});
