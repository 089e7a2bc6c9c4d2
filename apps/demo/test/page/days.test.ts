// A day on the page is one of whoever looks at it, wherever that is: what is picked is shown, and what a filter means.
import type { ModelId } from '@cc/schema';
import { describe, expect, it } from 'vitest';
import { serving } from '../serving.js';
import { browsing, missing } from './browser.js';

describe.skipIf(missing !== '')(`days on the page${missing}`, () => {
  const served = serving();
  const open = browsing();
  const address = (path: string) => new URL(path, served().server.url).href;
  const idOf = (file: string): ModelId => served().ids.get(file) ?? ('' as ModelId);
  const models = () => served().library.repositories.models;

  it.each([
    ['Pacific/Auckland', '2026-01-14T23:00:00.000Z'],
    ['UTC', '2026-01-15T12:00:00.000Z'],
    ['America/New_York', '2026-01-15T17:00:00.000Z'],
  ])('the day that is picked in %s is that day there', async (zone, noon) => {
    await models().update(idOf('bolt.stl'), { printedAt: null });
    const { page, leave } = await open(address(`/models/${idOf('bolt.stl')}`), { zone });
    await page.getByLabel('Last printed').fill('2026-01-15');
    await page.getByText('Printed noted.').waitFor();
    expect(await models().read(idOf('bolt.stl'))).toMatchObject({ printedAt: new Date(noon) });
    expect(await page.getByLabel('Last printed').inputValue()).toBe('2026-01-15');
    await leave();
  });

  it.each([
    ['Pacific/Auckland', '2026-01-15T20:00:00.000Z', '2026-01-16'],
    ['America/New_York', '2026-01-16T02:00:00.000Z', '2026-01-15'],
    // What was adopted of a day alone is midnight in UTC.
    ['America/New_York', '2026-01-16T00:00:00.000Z', '2026-01-16'],
  ])('what was printed is shown in %s with the day that it was there', async (zone, at, day) => {
    await models().update(idOf('bolt.stl'), { printedAt: new Date(at) });
    const { page, leave } = await open(address(`/models/${idOf('bolt.stl')}`), { zone });
    await page.getByLabel('Last printed').waitFor();
    expect(await page.getByLabel('Last printed').inputValue()).toBe(day);
    await leave();
  });

  it('a filter begins when the day does where somebody is', async () => {
    // One evening in New York, the one before and after midnight.
    await models().update(idOf('bolt.stl'), { printedAt: new Date('2026-01-15T04:00:00.000Z') });
    await models().update(idOf('gear.stl'), { printedAt: new Date('2026-01-15T06:00:00.000Z') });
    const { page, leave } = await open(address('/'), { zone: 'America/New_York' });
    await page.getByLabel('Printed from').fill('2026-01-15');
    await page.getByRole('button', { name: 'Without printed from 2026-01-15' }).waitFor();
    await page.getByRole('status').filter({ hasText: '1 model' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Printed from' }).inputValue()).toBe('2026-01-15');
    expect(new URL(page.url()).searchParams.get('printedFrom')).toBe('2026-01-15T05:00:00.000Z');
    await leave();
  });
});
