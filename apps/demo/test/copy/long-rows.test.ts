// A server sends no more than 10 MB in one answer: 130 of the longest descriptions are more than that, and one page of a copy.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import { expect, it } from 'vitest';
import { openLibrary } from '../../src/library.js';
import { candyHere } from '../candy-here.js';
import { makePlace } from '../temporary-library.js';

const sizes = 'select count(*), sum(length(description)), sum(seq) from models';

describeWithSqld('a library of more than a server sends at once', () => {
  it('is copied to a server and back, and compared row by row', async () => {
    const place = makePlace();
    {
      await using library = await openLibrary(place.url);
      const description = 'x'.repeat(99_000);
      for (let i = 0; i < 130; i += 1) {
        const file = { fileName: `${i}.stl`, filePath: `/m/${i}.stl`, fileHash: `h${i}`, fileSize: 1 };
        await library.repositories.models.create({ name: `Gear ${i}`, format: 'stl', description, ...file });
      }
    }
    await using server = await startSqld();
    const there = await candyHere(['copy', '.candy/library.db', server.url.http, '--json'], place.folder);
    expect([there.exitCode, there.stderr.replace(/^Copying: .+\n/gm, '')]).toEqual([0, '']);
    const back = await candyHere(['copy', server.url.http, 'back.db', '--json'], place.folder);
    expect([back.exitCode, back.stderr.replace(/^Copying: .+\n/gm, '')]).toEqual([0, '']);
    const client = createClient({ url: pathToFileURL(join(place.folder, 'back.db')).href });
    const [row] = (await client.execute(sizes)).rows;
    client.close();
    expect(Object.values(row ?? {})).toEqual([130, 130 * 99_000, (130 * 131) / 2]);
  });
});
