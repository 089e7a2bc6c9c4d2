// What somebody has typed when the server refuses it for now: it could not write, or was started anew and asks for its token again.
import { join } from 'node:path';
import type { ModelId } from '@cc/schema';
import { describe, expect, it } from 'vitest';
import { serveLibrary } from '../../src/serve/server.js';
import { serving } from '../serving.js';
import { browsing, missing } from './browser.js';

describe.skipIf(missing !== '')(`what was typed${missing}`, () => {
  const served = serving();
  const open = browsing();
  const idOf = (file: string): ModelId => served().ids.get(file) ?? ('' as ModelId);
  const descriptionOf = async (file: string) =>
    (await served().library.repositories.models.read(idOf(file)))?.description;

  it.each([
    [503, 'SQLITE_BUSY', 'Another program holds it.'],
    [409, 'SQLITE_READONLY_DBMOVED', 'What is written now would be lost with the old file.'],
  ])(
    'is kept where the library could not write it then, and written when it can (%i)',
    async (status, code, detail) => {
      const { page, context } = await open(new URL(`/models/${idOf('bolt.stl')}`, served().server.url).href);
      await page.route(
        '**/api/edits',
        (route) =>
          route.fulfill({
            status,
            contentType: 'application/problem+json',
            body: JSON.stringify({ title: 'Refused', status, detail, code }),
          }),
        { times: 1 },
      );
      const words = `An hour of words (${status})`;
      await page.getByLabel('Description').fill(words);
      await page.getByLabel('Name').focus();
      await page.getByText(`Not written: description changed. ${detail}`).waitFor();
      await page.getByRole('button', { name: 'Write it now' }).click();
      await page.getByText('Description changed.').waitFor();
      expect(await descriptionOf('bolt.stl')).toBe(words);
      await context.close();
    },
  );

  it('stays where it is while a server that was started anew asks for its token, and is written then', async () => {
    const token = 'a token of thirty letters here';
    const folder = join(served().place.folder, '.candy');
    const { library } = served();
    const first = await serveLibrary(library, { folder, port: 0, token });
    const { page, context } = await open(`${first.url}#token=${token}`);
    await page.getByRole('link', { name: 'gear', exact: true }).click();
    await page.getByLabel('Description').fill('Typed before');
    await first.close();
    await using _second = await serveLibrary(library, { folder, port: Number(new URL(first.url).port), token });
    await page.getByRole('heading', { name: 'Log in again' }).waitFor();
    expect(await page.getByText('The server does not answer.').count()).toBe(0);
    await page.getByLabel(/token/i).fill(token);
    await page.getByLabel(/token/i).press('Enter');
    await page.getByRole('heading', { name: 'Log in again' }).waitFor({ state: 'detached' });
    const said = page.getByText('Not written, because the server asks for its token: description changed.');
    // The dialog has taken the focus from the field, which was written by that.
    await said.waitFor();
    await page.getByRole('button', { name: 'Write it now' }).click();
    await page.getByText('Description changed.').waitFor();
    expect(await descriptionOf('gear.stl')).toBe('Typed before');
    await context.close();
  });
});
