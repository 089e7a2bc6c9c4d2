// What somebody has typed when the page goes, or when the server is away: it is written, or the person is asked, and nothing of
// it is lost without a word.
import type { ModelId } from '@cc/schema';
import type { Dialog, Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { serving } from '../serving.js';
import { browsing, missing } from './browser.js';

describe.skipIf(missing !== '')(`what was typed${missing}`, () => {
  const served = serving();
  const open = browsing();
  const idOf = (file: string): ModelId => served().ids.get(file) ?? ('' as ModelId);
  const read = (file: string) => served().library.repositories.models.read(idOf(file));
  const visit = (file: string) => open(new URL(`/models/${idOf(file)}`, served().server.url).href);

  /** Wants to close the page, as its cross does, and stays when asked. */
  async function stay(page: Page): Promise<string> {
    const asked = new Promise<Dialog | null>((resolve) => {
      page.once('dialog', resolve);
      page.once('close', () => resolve(null));
    });
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    await dialog?.dismiss();
    return dialog?.type() ?? 'it is gone';
  }

  it('behind a change that waits for its answer is asked about before the page goes, and written for who stays', async () => {
    const { page, context } = await visit('bolt.stl');
    let letGo = (): void => {};
    const gone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const hold = (route: Route) => gone.then(() => route.continue());
    await page.route('**/api/edits', hold, { times: 1 });
    await page.getByLabel('Description').fill('the first change');
    await page.getByLabel('Name').fill('typed behind it');
    expect(await stay(page)).toBe('beforeunload');
    letGo();
    const written = async () => {
      const { name, description } = (await read('bolt.stl')) ?? {};
      return { name, description };
    };
    await expect
      .poll(written, { timeout: 60_000 })
      .toEqual({ name: 'typed behind it', description: 'the first change' });
    await context.close();
  });

  it('that is too long to be sent while the page goes is asked about as well', async () => {
    const { page, context } = await visit('gear.stl');
    const text = 'long '.repeat(10_000).trim();
    await page.getByLabel('Description').click();
    await page.getByLabel('Description').fill(text);
    expect(await stay(page)).toBe('beforeunload');
    await expect.poll(async () => (await read('gear.stl'))?.description === text, { timeout: 60_000 }).toBe(true);
    await context.close();
  });

  it('while the server was away is kept, however many changes it is', async () => {
    const { page, context } = await visit('washer.stl');
    await page.getByRole('button', { name: 'Edit author, license, source' }).click();
    const fields = ['Name', 'Description', 'Author', 'License', 'Source (address)'];
    await context.setOffline(true);
    for (const label of fields) {
      await page.getByLabel(label).fill(`${label} in a tunnel`);
      await page.getByLabel(label).blur();
      const said = label === 'Source (address)' ? 'source' : label.toLowerCase();
      await page.getByText(new RegExp(`^Not written.*${said} changed`)).waitFor();
    }
    expect(await stay(page)).toBe('beforeunload');
    await context.setOffline(false);
    await page.getByText('The page goes on by itself.').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Write (it|them) now$/ }).click();
    const written = async () => {
      const { name, description, author, license, sourceUrl } = (await read('washer.stl')) ?? {};
      return [name, description, author, license, sourceUrl];
    };
    await expect.poll(written, { timeout: 60_000 }).toEqual(fields.map((label) => `${label} in a tunnel`));
    await context.close();
  });
});
