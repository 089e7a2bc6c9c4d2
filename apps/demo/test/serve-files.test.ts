// What bytes a server gives away: the models of the library as they were imported, and nothing else that lies on the disk.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { ModelId } from '@cc/schema';
import { decode } from 'fast-png';
import { strToU8, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { openPictures } from '../src/pictures/pictures.js';
import { openFeed } from '../src/serve/feed.js';
import { openImportQueue } from '../src/serve/import-queue.js';
import { serveLibrary } from '../src/serve/server.js';
import { safeName } from '../src/serve/uploads.js';
import { asking, askRaw, cubeStl, hear, serving, sha256 } from './serving.js';
import { put } from './temporary-library.js';

const served = serving();
const idOf = (fileName: string): ModelId => served().ids.get(fileName) ?? ('' as ModelId);

it('sends a file whole, in ranges, and not at all to whoever has it', async () => {
  const { ask, place } = served();
  const content = readFileSync(join(place.models, 'bolt.stl'), 'latin1');
  const { fileUrl, fileHash } = (await ask(`/api/models/${idOf('bolt.stl')}`)).json;
  expect(fileHash).toBe(sha256(content));
  const whole = await ask(fileUrl);
  expect([whole.status, whole.text]).toEqual([200, content]);
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-type': 'model/stl',
    'cache-control': 'private, max-age=31536000, immutable',
    'content-disposition': "attachment; filename*=UTF-8''bolt.stl",
    'x-content-type-options': 'nosniff',
  });
  const etag = whole.headers.get('etag') ?? '';
  expect((await ask(fileUrl, { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await ask(`/api/models/${idOf('bolt.stl')}/file`)).headers.get('cache-control')).toBe('private, no-cache');
  for (const [range, status, text] of [
    ['bytes=0-4', 206, content.slice(0, 5)],
    ['bytes=10-', 206, content.slice(10)],
    ['bytes=-7', 206, content.slice(-7)],
    ['bytes=5-999999', 206, content.slice(5)],
    ['bytes=5-2', 200, content],
    ['bytes=0-1,3-4', 200, content],
    ['lines=1-2', 200, content],
  ] as const) {
    const part = await ask(fileUrl, { headers: { range } });
    expect([range, part.status, part.text]).toEqual([range, status, text]);
  }
  expect((await ask(fileUrl, { headers: { range: 'bytes=999999-' } })).status).toBe(416);
  expect((await ask(fileUrl, { headers: { range: 'bytes=0-4', 'if-range': '"other"' } })).status).toBe(200);
  const head = await ask(fileUrl, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), head.text]).toEqual([200, String(content.length), '']);
});

it('sends nothing that was put into the place of a model', async () => {
  const { ask, place, library } = served();
  const path = join(place.models, 'washer.stl');
  const file = `/api/models/${idOf('washer.stl')}/file`;
  const secret = put(place.folder, 'secret.txt', 'x'.repeat(readFileSync(path).length));
  const model = await library.repositories.models.read(idOf('washer.stl'));
  const kept = `${path}.kept`;
  renameSync(path, kept);
  expect(await ask(file)).toMatchObject({ status: 404, json: { code: 'FILE_GONE' } });
  symlinkSync(secret, path);
  utimesSync(secret, new Date(), model?.fileModifiedAt ?? new Date());
  expect(await ask(file)).toMatchObject({ status: 409, json: { code: 'FILE_CHANGED' } });
  rmSync(path);
  writeFileSync(path, 'x'.repeat(readFileSync(kept).length));
  expect((await ask(file)).status).toBe(409);
  rmSync(path);
  symlinkSync(place.folder, path);
  expect((await ask(file)).status).toBe(404);
  rmSync(path);
  // The same bytes are the model, wherever they lie now.
  symlinkSync(kept, path);
  expect((await ask(file)).text).toBe(readFileSync(kept, 'latin1'));
  rmSync(path);
  renameSync(kept, path);
  expect((await ask(file)).status).toBe(200);
});

it('waits for no pipe that lies where a model, or a part of one, was', async () => {
  const { ask, place, library } = served();
  const path = join(place.models, 'washer.stl');
  const kept = `${path}.kept`;
  renameSync(path, kept);
  put(place.models, 'piped/part.txt', '');
  for (const pipe of [path, join(place.models, 'piped', 'part.bin')]) execFileSync('mkfifo', [pipe]);
  const document = JSON.stringify({ asset: { version: '2.0' }, buffers: [{ uri: 'part.bin', byteLength: 36 }] });
  const id = await library.repositories.models.create({
    ...{ name: 'piped', format: 'gltf', fileName: 'piped.gltf', fileHash: sha256(document), fileSize: document.length },
    filePath: put(place.models, 'piped/piped.gltf', document),
  });
  // More than there are threads that could wait.
  const asked = Array.from({ length: 4 }, () => [
    ask(`/api/models/${idOf('washer.stl')}/file`),
    ask(`/api/models/${id}/resource?name=part.bin`),
  ]).flat();
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 404));
  await library.repositories.models.delete(id);
  rmSync(path);
  renameSync(kept, path);
});

it('sends what a glTF names beside it, and nothing that it only points at', async () => {
  const { ask, place, library } = served();
  put(place.folder, 'outside.bin', 'outside');
  put(place.models, 'scene/part 1.bin', Buffer.alloc(36));
  put(place.models, 'scene/notes.txt', 'private');
  put(place.models, 'scene/other.bin', 'not named');
  symlinkSync(join(place.folder, 'outside.bin'), join(place.models, 'scene', 'link.bin'));
  symlinkSync(join(place.models, 'scene', 'notes.txt'), join(place.models, 'scene', 'notes.png'));
  const names = [
    'part%201.bin',
    '../../outside.bin',
    'link.bin',
    'notes.txt',
    'notes.png',
    '..%2f..%2foutside.bin',
    '/etc/passwd',
    'file:///etc/passwd',
    'absent.bin',
    '.',
    '%E0%A4%A',
  ];
  const document = {
    asset: { version: '2.0', copyright: 'x'.repeat(5_000) },
    buffers: names.map((uri) => ({ uri, byteLength: 36 })),
  };
  const path = put(place.models, 'scene/scene.gltf', JSON.stringify(document));
  const id = await library.repositories.models.create({
    ...{ name: 'scene', format: 'gltf', fileName: 'scene.gltf', filePath: path },
    ...{ fileHash: sha256(readFileSync(path)), fileSize: readFileSync(path).length },
  });
  for (const name of [...names, 'other.bin', 'scene.gltf']) {
    const answer = await ask(`/api/models/${id}/resource?name=${encodeURIComponent(name)}`);
    expect([name, answer.status]).toEqual([name, name === 'part%201.bin' ? 200 : 404]);
  }
  // It is a kind of JSON, and packed it would be another part.
  const part = await ask(`/api/models/${id}/file`, { headers: { range: 'bytes=9-4008' } });
  expect([part.status, part.headers.get('content-encoding'), part.text]).toEqual([
    206,
    null,
    readFileSync(path, 'utf8').slice(9, 4_009),
  ]);
  await library.repositories.models.delete(id);
});

it('sends what lies in an archive, and nothing when the archive holds something else there', async () => {
  const { ask, place, library } = served();
  const zip = (size: number) =>
    zipSync({ 'inner/spacer.stl': strToU8(cubeStl(size)), 'notes.txt': strToU8('private') });
  put(place.models, 'box.zip', zip(31));
  const { json } = await ask('/api/imports', { body: { folder: place.models } });
  const page = await hear(served().server.url);
  for (;;) {
    const { state } = (await ask(`/api/imports/${json.id}`)).json;
    if (state === 'done') break;
    await page.next(({ name }) => name === 'import');
  }
  page.close();
  const path = `${join(place.models, 'box.zip')}!/inner/spacer.stl`;
  const { id } = (await library.repositories.models.readByPath(path)) ?? { id: '' };
  expect((await ask(`/api/models/${id}/file`)).text).toBe(cubeStl(31));
  expect((await ask(`/api/models/${id}/file`, { headers: { range: 'bytes=0-4' } })).text).toBe('solid');
  put(place.models, 'box.zip', zip(32));
  expect((await ask(`/api/models/${id}/file`)).status).toBe(409);
  rmSync(join(place.models, 'box.zip'));
  expect((await ask(`/api/models/${id}/file`)).status).toBe(404);
});

it('draws a picture of a model, which a browser keeps for as long as the content is the same', async () => {
  const { ask, place, library } = served();
  const pictures = openPictures({ folder: join(place.folder, 'pictures') });
  const server = await serveLibrary(library, {
    ...{ folder: join(place.folder, '.candy'), port: 0 },
    pictures: (model, o) => pictures.picture(model, o),
  });
  const { pictureUrl } = (await ask(`/api/models/${idOf('bolt.stl')}`)).json;
  expect((await ask(pictureUrl)).json.code).toBe('NO_PICTURE');
  const response = await fetch(new URL(pictureUrl, server.url));
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/png',
    'cache-control': 'private, max-age=31536000, immutable',
  });
  const image = decode(new Uint8Array(await response.arrayBuffer()));
  expect([image.width, image.height]).toEqual([256, 256]);
  const etag = response.headers.get('etag') ?? '';
  const askThere = asking(server.url);
  expect((await askThere(pictureUrl, { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await askThere(`/api/models/${idOf('damaged.stl')}/picture`)).status).toBe(404);
  await server.close();
  await pictures.close();
});

it('has no way out of the page', async () => {
  const { server } = served();
  for (const path of [
    '/../../package.json',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/..%2f..%2fpackage.json',
    '/..%5c..%5cpackage.json',
    '//etc/passwd',
    '/etc/passwd.txt',
    '/\u0000.js',
    '/library.db',
    '/.candy/library.db',
  ]) {
    const { status, body } = await askRaw(server.url, encodeURI(path).replaceAll('%25', '%'));
    expect([path, status === 404 || status === 400 || body.includes('<title>Candy')]).toEqual([path, true]);
    expect(body).not.toMatch(/root:|"version"|SQLite format/);
  }
});

it('keeps uploads under safe names, imports them, and tells how it goes', async () => {
  const { ask, server, library, place } = served();
  const send = (name: string, content: string) =>
    fetch(new URL(`/api/uploads?name=${encodeURIComponent(name)}`, server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: content,
    });
  const uploads: string[] = [];
  for (const [name, content] of [
    ['../../../escaped.stl', cubeStl(21)],
    ['new/spring.stl', cubeStl(22)],
    ['new/spring.stl', cubeStl(23)],
    ['new/spring.stl', cubeStl(22)],
    ['new/broken.stl', 'solid\nfacet'],
    ['readme.txt', 'print it slowly'],
  ] as const) {
    const answer = await send(name, content);
    expect(answer.status).toBe(201);
    uploads.push(String(Reflect.get(Object(await answer.json()), 'upload')));
  }
  expect(uploads).toEqual([
    'escaped.stl',
    'new/spring.stl',
    'new/spring (2).stl',
    'new/spring.stl',
    'new/broken.stl',
    'readme.txt',
  ]);
  const page = await hear(server.url);
  const { status, json } = await ask('/api/imports', { body: { uploads } });
  expect(status).toBe(202);
  const end = await page.next(({ name, data }) => name === 'import' && data.endedAt !== null);
  expect(end.data).toMatchObject({ id: json.id, state: 'done', done: 5, counts: { new: 3, unparsed: 1 }, ignored: 1 });
  page.close();
  const result = (await ask(`/api/imports/${json.id}`)).json;
  expect(
    result.files
      .map(({ path, outcome }: { path: string; outcome: string }) => [path.split('/').at(-1), outcome])
      .sort(),
  ).toEqual([
    ['broken.stl', 'unparsed'],
    ['escaped.stl', 'new'],
    ['spring (2).stl', 'new'],
    ['spring.stl', 'new'],
  ]);
  expect(
    (await library.repositories.models.readByPath(join(place.folder, '.candy', 'uploads', 'escaped.stl')))?.name,
  ).toBe('escaped');
  const broken = await library.repositories.models.readByPath(
    join(place.folder, '.candy', 'uploads', 'new', 'broken.stl'),
  );
  expect((await ask('/api/retry', { body: { ids: [broken?.id] } })).status).toBe(202);
  expect(await ask('/api/imports', { body: { uploads: ['../../library.db'] } })).toMatchObject({ status: 404 });
  expect(await ask('/api/imports', { body: { folder: 'models' } })).toMatchObject({ status: 400 });
  expect(await ask('/api/imports', { body: { folder: join(place.folder, 'nowhere') } })).toMatchObject({ status: 404 });
});

it('imports the file that was kept under a number, however long its name is', async () => {
  const { ask, server, library, place } = served();
  const name = `${'ü'.repeat(120)}.stl`;
  const kept: string[] = [];
  for (const content of [cubeStl(41), cubeStl(42)]) {
    const answer = await fetch(new URL(`/api/uploads?name=${encodeURIComponent(name)}`, server.url), {
      method: 'POST',
      headers: { 'content-type': 'Application/Octet-Stream; charset=binary' },
      body: content,
    });
    expect(answer.status).toBe(201);
    const upload = String(Reflect.get(Object(await answer.json()), 'upload'));
    kept.push(upload);
    const page = await hear(server.url);
    const { json } = await ask('/api/imports', { body: { uploads: [upload] } });
    await page.next((event) => event.name === 'import' && event.data.id === json.id && event.data.endedAt !== null);
    page.close();
    const path = join(place.folder, '.candy', 'uploads', upload);
    expect(readFileSync(path, 'latin1')).toBe(content);
    expect(await library.repositories.models.readByPath(path)).toMatchObject({ fileHash: sha256(content) });
  }
  expect(kept[1]).toMatch(/^ü+ \(2\)\.stl$/);
});

it('keeps no upload below a name that a file has, and says so', async () => {
  const { server } = served();
  const send = (name: string) =>
    fetch(new URL(`/api/uploads?name=${encodeURIComponent(name)}`, server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: cubeStl(43),
    });
  expect((await send('crowded/plate')).status).toBe(201);
  const answer = await send('crowded/plate/gear.stl');
  expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'NAME_TAKEN' }]);
});

it('keeps an upload that is under way when the server is started once more, and no part of one that was cut off', async () => {
  const { library, server, place } = served();
  const uploads = join(place.folder, '.candy', 'uploads');
  const parts = (): readonly string[] => readdirSync(uploads).filter((name) => name.endsWith('.part'));
  const left = join(uploads, `.${randomUUID()}.part`);
  writeFileSync(left, 'solid');
  utimesSync(left, 1_000, 1_000);
  const content = Buffer.from(cubeStl(31));
  const sending = (name: string) => {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': content.length };
    const sent = request(new URL(`/api/uploads?name=${name}`, server.url), { method: 'POST', headers });
    sent.write(content.subarray(0, 100));
    return sent;
  };
  const whole = sending('whole.stl');
  await expect.poll(parts).toHaveLength(2);
  await using _ = await serveLibrary(library, { folder: join(place.folder, '.candy'), port: 0 });
  expect(parts()).toHaveLength(1);
  whole.end(content.subarray(100));
  const [answer] = await once(whole, 'response');
  expect(answer.statusCode).toBe(201);
  answer.resume();
  expect(readFileSync(join(uploads, 'whole.stl'))).toEqual(content);
  const cut = sending('cut.stl').on('error', () => undefined);
  await expect.poll(parts).toHaveLength(1);
  cut.destroy();
  await expect.poll(parts).toEqual([]);
  expect(existsSync(join(uploads, 'cut.stl'))).toBe(false);
});

it('makes any name a safe one', () => {
  for (const [given, safe] of [
    ['gear.stl', 'gear.stl'],
    ['/etc/passwd', 'etc/passwd'],
    ['C:\\models\\gear.stl', 'C/models/gear.stl'],
    ['a/./b/../c.stl', 'a/b/c.stl'],
    ['.candyignore', 'candyignore'],
    ['con.stl', '_con.stl'],
    ['te\u202elts.exe', 'telts.exe'],
    ['a\u0000b<>:"|?*.stl', 'ab.stl'],
    ['e\u0301.stl', '\u00e9.stl'],
    [`${'ü'.repeat(300)}.stl`, `${'ü'.repeat(90)}.stl`],
    [`a.${'é'.repeat(18)}🙂`, `a.${'é'.repeat(18)}`],
    [`a.${'é'.repeat(18)} b`, `a.${'é'.repeat(18)}`],
  ] as const) {
    expect(safeName(given)).toBe(safe);
    expect(safeName(safe)).toBe(safe);
  }
  for (const none of ['', '..', '/', '. .', '\u0000']) expect(() => safeName(none)).toThrow(/give the file a name/);
});

it('keeps every import that waits, however many there are, and ends them all', async () => {
  const { place, library } = served();
  const feed = openFeed(library);
  const imports = openImportQueue(library, feed);
  const ids = Array.from({ length: 60 }, () => imports.add({ paths: [place.models], what: 'models' }));
  for (const id of ids) expect(imports.read(id)).toMatchObject({ id, state: 'queued' });
  await imports.close();
  for (const { state } of imports.list()) expect(state).toBe('stopped');
  feed.close();
});
