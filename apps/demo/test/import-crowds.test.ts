// Very many files of one content, such as empty ones: what an import reads grows with their number, not with its square.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { binaryCube } from './cube.js';
import { importing, none } from './importing.js';
import { makePlace, open, put } from './temporary-library.js';

const { run } = importing();
const content = binaryCube('of all');

it('files of one content are compared with a bounded number of models, and follow one another elsewhere', async () => {
  const place = makePlace();
  const library = await open(place);
  const files = Array.from({ length: 1_200 }, (_, at) => put(place.models, `at home/${at}.stl`, content));
  let rows = 0;
  library.transactions.subscribe((event) => {
    if (event.type === 'query' && /where "models"."file_hash" in/.test(event.sql)) rows += event.rows;
  });
  const home = join(place.models, 'at home');
  expect((await run(library, place, {}, [home])).counts).toEqual({ ...none, new: 1, duplicate: 1_199 });
  expect(rows).toBeLessThan(1_200);

  // Two of them have gone to a folder that was not named before, beside one that is new.
  for (const name of ['7.stl', '8.stl']) {
    put(place.models, `away/${name}`, content);
    renameSync(join(home, name), join(place.models, 'away', name));
  }
  put(place.models, 'away/new.stl', content);
  const away = await run(library, place, {}, [join(place.models, 'away')]);
  expect(away.counts).toEqual({ ...none, moved: 2, duplicate: 1 });
  expect(await library.repositories.models.count()).toBe(files.length + 1);
});
