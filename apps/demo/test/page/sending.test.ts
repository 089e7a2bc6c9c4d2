// Files on their way from the page to the server: those that cannot be sent, more than fit into one import, what is no model of
// anybody, and the page that is left meanwhile.
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { importRequest } from '../../src/serve/contract-care.js';
import { cubeStl, serving } from '../serving.js';
import { put } from '../temporary-library.js';
import { browsing, missing } from './browser.js';

describe.skipIf(missing !== '')(`files that are sent${missing}`, () => {
  const served = serving();
  const open = browsing();
  const visit = () => open(new URL('/import', served().server.url).href);
  const choice = (page: Page) => page.locator('input[type=file]').first();
  const nameOf = async (file: string) => {
    const path = join(served().place.folder, '.candy/uploads', file);
    return (await served().library.repositories.models.readByPath(path))?.name;
  };

  /** Holds the files back until it is called. */
  async function hold(page: Page): Promise<() => void> {
    let letGo = (): void => {};
    const gone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route('**/api/uploads?*', (route: Route) => gone.then(() => route.continue()));
    return letGo;
  }

  it('are imported though one of them has changed since it was chosen, which is told by its name', async () => {
    const { place } = served();
    const files = ['one.stl', 'two.stl', 'three.stl', 'four.stl'].map((name, at) => {
      put(place.folder, name, cubeStl(100 + at));
      return join(place.folder, name);
    });
    const { page, context } = await visit();
    const letGo = await hold(page);
    await choice(page).setInputFiles(files);
    await page.getByText('0 of 4 files sent').waitFor();
    appendFileSync(files[2] ?? '', 'more of it');
    letGo();
    await page.getByText(/^1 file could not be sent, the others were. three.stl: it cannot be read/).waitFor();
    await page.getByText('3 new').waitFor();
    expect(await nameOf('four.stl')).toBe('four');
    expect(await page.getByText('The server does not answer').count()).toBe(0);
    await context.close();
  });

  it('of a glTF stay together where other files have their names', async () => {
    const { place, library } = served();
    const document = JSON.stringify({
      ...{ asset: { version: '2.0' }, scene: 0, scenes: [{ nodes: [0] }], nodes: [{ mesh: 0 }] },
      meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
      buffers: [{ uri: 'scene.bin', byteLength: 36 }],
      bufferViews: [{ buffer: 0, byteLength: 36 }],
      accessors: [{ bufferView: 0, componentType: 5126, count: 3, type: 'VEC3', min: [0, 0, 0], max: [1, 1, 0] }],
    });
    const { page, context } = await visit();
    for (const [at, side] of [2, 3, 5].entries()) {
      put(place.folder, `${side}/scene.gltf`, document);
      put(place.folder, `${side}/scene.bin`, Buffer.from(new Float32Array([0, 0, 0, side, 0, 0, 0, side, 0]).buffer));
      await choice(page).setInputFiles(['scene.gltf', 'scene.bin'].map((name) => join(place.folder, `${side}`, name)));
      await expect.poll(() => library.repositories.models.count({ formats: ['gltf'] })).toBe(at + 1);
    }
    const { items } = await library.repositories.models.list({ filter: { formats: ['gltf'] } });
    expect(new Set(items.map(({ maxX }) => maxX))).toEqual(new Set([2, 3, 5]));
    await context.close();
  });

  it('are imported however many they are', async () => {
    const { page, context } = await visit();
    const begun: (readonly string[])[] = [];
    await page.route('**/api/imports', async (route) => {
      if (route.request().method() !== 'POST') return await route.continue();
      const wanted = importRequest.safeParse(route.request().postDataJSON());
      if (wanted.success && 'uploads' in wanted.data) begun.push(wanted.data.uploads);
      return await route.fulfill({ status: wanted.success ? 202 : 400, json: { id: '1' } });
    });
    await choice(page).waitFor({ state: 'attached' });
    // Each file costs the server two waits for the disk: they are not what is looked at here.
    await page.evaluate(`(() => {
      const ask = fetch;
      globalThis.fetch = (path, request) => {
        const name = new URL(path, location.href).searchParams.get('name');
        return path.startsWith('/api/uploads?') ? Promise.resolve(Response.json({ upload: name })) : ask(path, request);
      };
      const chosen = new DataTransfer();
      for (let n = 0; n < 4_001; n += 1) chosen.items.add(new File(['x'], n + '.stl'));
      const field = document.querySelector('input[type=file]');
      field.files = chosen.files;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    })()`);
    await expect.poll(() => new Set(begun.flat()).size, { timeout: 300_000 }).toBe(4_001);
    // The server takes up to 10,000 of them in one request.
    expect(begun.map(({ length }) => length)).toEqual([2_000, 2_000, 1]);
    await context.close();
  });

  it('leave behind what an import of their folder passes over', async () => {
    const folder = join(served().place.folder, 'from a stick');
    mkdirSync(folder);
    const names = ['spring.stl', '._spring.stl', '.hidden.stl', '.git/old.stl', '@eaDir/spring.stl', 'in/rod.stl'];
    for (const [at, name] of names.entries()) put(folder, name, cubeStl(200 + at));
    const { page, context } = await visit();
    await page.locator('input[type=file]').nth(1).setInputFiles(folder);
    // Those that were sent before are told of below it.
    await page.getByText('2 uploaded files').first().waitFor();
    await page.getByText('2 new').waitFor();
    expect(await nameOf('from a stick/in/rod.stl')).toBe('rod');
    await context.close();
  });

  it('go on while another view is open, and are asked about before the page goes', async () => {
    const { place } = served();
    put(place.folder, 'late.stl', cubeStl(300));
    const { page, context } = await visit();
    const letGo = await hold(page);
    await choice(page).setInputFiles(join(place.folder, 'late.stl'));
    await page.getByText('0 of 1 file sent').waitFor();
    await page.getByRole('link', { name: 'Saved' }).click();
    await page.getByRole('heading', { name: 'Saved' }).waitFor();
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await page.getByRole('link', { name: 'Import' }).click();
    await page.getByText('0 of 1 file sent').waitFor();
    letGo();
    await page.getByText('One uploaded file').waitFor();
    await page.getByText('1 new').waitFor();
    await context.close();
  });

  it('that are dropped beside the place for them leave the page where it is', async () => {
    const { page, leave } = await visit();
    await page.getByRole('heading', { name: 'Import', exact: true }).waitFor();
    const isKept = await page.evaluate(`['dragover', 'drop'].map((type) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], 'beside.stl'));
      const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
      document.querySelector('h1').dispatchEvent(event);
      return event.defaultPrevented;
    })`);
    expect(isKept).toEqual([true, true]);
    await leave();
  });
});
