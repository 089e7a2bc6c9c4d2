// Fields as people use them elsewhere than in one line of English at noon in London: days of another time zone, characters that are
// composed, fractions, long addresses, texts of several lines.
import type { ModelId } from '@cc/schema';
import { describe, expect, it } from 'vitest';
import { serving } from '../serving.js';
import { browsing, missing } from './browser.js';

describe.skipIf(missing !== '')(`a field${missing}`, () => {
  const served = serving();
  const open = browsing();
  const idOf = (file: string): ModelId => served().ids.get(file) ?? ('' as ModelId);
  const read = (file: string) => served().library.repositories.models.read(idOf(file));
  const address = (path: string) => new URL(path, served().server.url).href;

  it('has the days of its person, not those of the server', async () => {
    const { models } = served().library.repositories;
    const { context } = await open(address('/'));
    // It is the first of July there, and the second here.
    await models.update(idOf('bolt.stl'), { printedAt: new Date('2026-07-02T02:00:00Z') });
    const there = await context.browser()?.newContext({ timezoneId: 'America/Los_Angeles' });
    const page = await there?.newPage();
    if (page === undefined) throw new Error('there is no browser');
    await page.goto(address(`/models/${idOf('bolt.stl')}`));
    const printed = page.getByLabel('Last printed');
    await printed.waitFor();
    expect(await printed.inputValue()).toBe('2026-07-01');
    await printed.fill('2026-06-30');
    await page.getByText('Printed noted.').waitFor();
    expect((await read('bolt.stl'))?.printedAt).toEqual(new Date('2026-06-30T19:00:00Z'));
    await page.goto(address('/'));
    await page.getByLabel('Printed from').fill('2026-06-30');
    await page.waitForURL((url) => url.searchParams.get('printedFrom') === '2026-06-30T07:00:00.000Z');
    await page.getByRole('button', { name: 'Without printed from 2026-06-30' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Printed from' }).inputValue()).toBe('2026-06-30');
    await page.goto(address('/?printedFrom=2026-07-01'));
    await page.getByRole('button', { name: 'Without printed from 2026-07-01' }).waitFor();
    await there?.close();
    await context.close();
  });

  it('leaves Enter to the characters that are being composed', async () => {
    const { page, leave } = await open(address(`/models/${idOf('bolt.stl')}`));
    const compose = async (label: string, text: string): Promise<void> => {
      await page.getByLabel(label, { exact: true }).and(page.locator('input')).fill(text);
      await page.evaluate(`document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))`);
    };
    await page.getByPlaceholder('Add a tag').waitFor();
    for (const [label, text] of [
      ['Name', 'にほ'],
      ['Tags', 'ねじ'],
      ['Search the library', 'ぼる'],
    ] as const) {
      await compose(label, text);
      expect(await page.locator(':focus').inputValue()).toBe(text);
      await page.locator(':focus').fill(label === 'Name' ? 'bolt' : '');
    }
    await page.getByRole('heading', { name: 'bolt' }).waitFor({ state: 'attached' });
    expect(await served().library.repositories.tags.getTags(idOf('bolt.stl'))).toEqual([]);
    await leave();
  });

  it('takes a fraction for what is measured, and none for what is counted', async () => {
    const { page, leave } = await open(address('/'));
    for (const [label, typed, name, value] of [
      ['Longest side in mm from', '0.4', 'minSizeMm', '0.4'],
      ['Volume in cm³ to', '0.0011', 'maxVolumeMm3', '1.1'],
      ['File size in MB to', '0.0000014', 'maxFileSize', '1'],
    ] as const) {
      await page.getByLabel(label).fill(typed);
      await page.getByLabel(label).press('Enter');
      await page.waitForURL((url) => url.searchParams.get(name) === value);
    }
    await leave();
  });

  it('cuts nothing off that the server would take, and says so where it would not', async () => {
    const { page, context } = await open(address(`/models/${idOf('gear.stl')}`));
    await page.getByRole('button', { name: 'Edit author, license, source' }).click();
    const source = `https://models.example/${'a'.repeat(900)}`;
    await page.getByLabel('Source (address)').focus();
    await page.keyboard.insertText(source);
    await page.getByLabel('Name').focus();
    await page.getByText('Source changed.').waitFor();
    expect((await read('gear.stl'))?.sourceUrl).toBe(source);
    const tags = Array.from({ length: 40 }, (_, at) => `tag number ${at}`);
    const field = page.getByPlaceholder('Add a tag');
    await field.focus();
    await page.keyboard.insertText(tags.join(', '));
    await page.keyboard.press('Enter');
    await page.getByText(/^Tagged tag number 0, /).waitFor();
    expect((await served().library.repositories.tags.getTags(idOf('gear.stl'))).toSorted()).toEqual(tags.toSorted());
    await field.focus();
    await page.keyboard.insertText('x'.repeat(201));
    await page.keyboard.press('Enter');
    await page.getByText('A tag may have 200 characters').waitFor();
    expect(await field.inputValue()).toBe('x'.repeat(201));
    await context.close();
  });

  it('keeps the lines of a value that has several', async () => {
    const { metadata } = served().library.repositories;
    await metadata.setMetadataValue(idOf('washer.stl'), 'notes', 'first\nsecond');
    const { page, leave } = await open(address(`/models/${idOf('washer.stl')}`));
    await page.getByRole('button', { name: 'Edit notes' }).click();
    const value = page.getByRole('textbox', { name: 'Value' });
    await value.press('Control+End');
    await page.keyboard.type('!');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('notes written.').waitFor();
    expect(await metadata.getMetadata(idOf('washer.stl'))).toEqual({ notes: 'first\nsecond!' });
    await leave();
  });

  it('of a value overwrites nothing that somebody else has written since it was opened', async () => {
    const { ask, library } = served();
    const id = idOf('hex nut.stl');
    const write = (layer: number) => ask('/api/edits', { body: { edits: [{ id, metadata: { set: { layer } } }] } });
    await write(1);
    const { page, context } = await open(address(`/models/${id}`));
    await page.getByRole('button', { name: 'Edit layer' }).click();
    await page.getByRole('textbox', { name: 'Value' }).fill('5');
    const heard = page.waitForResponse(`**/api/models/${id}`);
    await write(2);
    await (await heard).finished();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Changed by somebody else meanwhile' });
    await dialog.getByText('Yours').waitFor();
    expect(await library.repositories.metadata.getMetadata(id)).toEqual({ layer: 2 });
    await dialog.getByLabel('Yours').check();
    await dialog.getByRole('button', { name: 'Write what I chose' }).click();
    await page.getByText('layer written.').waitFor();
    expect(await library.repositories.metadata.getMetadata(id)).toEqual({ layer: 5 });
    await context.close();
  });

  it('of a length says what a small one is', async () => {
    const { models } = served().library.repositories;
    const id = idOf('gear.stl');
    await models.update(id, {
      unit: 'meter',
      minX: 0,
      minY: 0,
      minZ: 0,
      maxX: 0.02,
      maxY: 0.0035,
      maxZ: 1,
      volume: 8e-6,
    });
    const { page, leave } = await open(address(`/models/${id}`));
    await page.getByText('0.02 × 0.0035 × 1 m').first().waitFor();
    await page.getByText('0.000008 m³').waitFor();
    await leave();
  });

  it('of the search takes what the server takes, and an address with more has a way out', async () => {
    const { page, context } = await open(address(`/?q=${'gear+'.repeat(600)}`));
    await page.getByText('This address asks for something that Candy does not know.').waitFor();
    await page.getByRole('link', { name: 'Look through the library' }).click();
    await page.getByRole('link', { name: 'gear', exact: true }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.insertText('gear '.repeat(5_000));
    await page.getByRole('link', { name: 'gear', exact: true }).waitFor();
    await page.waitForURL(/q=gear/);
    await page.locator('.card mark').first().waitFor();
    await context.close();
  });
});
