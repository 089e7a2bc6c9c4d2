// The bytes of models: their files in ranges, what a glTF is read with, and their pictures.
import { realpath } from 'node:fs/promises';
import { dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Model, ModelFormat, ModelId } from '@cc/schema';
import type { Library } from '../library.js';
import { openToRead } from '../open-to-read.js';
import { fileOf, type KnownContents, type LibraryFile, openLibraryFile } from './library-file.js';
import { asked, notFound, Refused, topic } from './problem.js';
import { modelFile, modelPicture, modelResource } from './routes.js';
import type { Serving } from './serving.js';

/** The routes of files and pictures. */
export function fileRoutes({ library, pictures }: Serving) {
  const known: KnownContents = new Map();
  return topic()
    .openapi(modelFile, async (c) => {
      const model = await modelOf(library, c.req.valid('param').id);
      const headers = { ...headersOf(model, c.req.valid('query').v), ...asDownload(model.fileName) };
      if (isKnown(c.req.header('if-none-match'), headers.etag)) return new Response(null, { status: 304, headers });
      const file = await openLibraryFile(model, known, c.req.raw.signal);
      const type = types[model.format] ?? 'application/octet-stream';
      const condition = c.req.header('if-range');
      const range = condition === undefined || condition === headers.etag ? c.req.header('range') : undefined;
      return await answerWith(file, { range, isHead: c.req.method === 'HEAD' }, { ...headers, 'content-type': type });
    })
    .openapi(modelResource, async (c) => {
      const model = await modelOf(library, c.req.valid('param').id);
      const { name } = c.req.valid('query');
      const document = await openLibraryFile(model, known, c.req.raw.signal);
      let names: ReadonlyMap<string, string>;
      try {
        names = await resourcesOf(model, document);
      } finally {
        await document.close();
      }
      const type = resourceTypes[extname(name.toLowerCase())];
      const written = names.get(name.normalize());
      if (written === undefined || type === undefined) throw notFound('Such a file of the model');
      const file = await openBeside(model.filePath, written);
      return await answerWith(
        file,
        { isHead: c.req.method === 'HEAD' },
        { 'content-type': type, 'cache-control': 'no-cache' },
      );
    })
    .openapi(modelPicture, async (c) => {
      const model = await modelOf(library, c.req.valid('param').id);
      const headers = headersOf(model, c.req.valid('query').v);
      if (isKnown(c.req.header('if-none-match'), headers.etag)) return new Response(null, { status: 304, headers });
      const picture = await pictures(model, { signal: c.req.raw.signal });
      if (picture === null)
        throw new Refused(404, 'NO_PICTURE', 'There is no picture of this model: show its format instead.');
      return new Response(new Uint8Array(picture.bytes), { headers: { ...headers, 'content-type': picture.type } });
    });
}

async function modelOf({ repositories }: Library, id: string): Promise<Model> {
  const model = await asked(() => repositories.models.read(id as ModelId));
  if (model === null) throw notFound('The model');
  return model;
}

/** `v` is the content that the page means: then its copy holds for ever. */
function headersOf(
  { fileHash }: Model,
  v: string | undefined,
): { readonly etag: string; readonly 'cache-control': string } {
  const isForEver = v === fileHash;
  return {
    etag: `"${fileHash.replace(/[^\w-]/g, '')}"`,
    'cache-control': isForEver ? 'private, max-age=31536000, immutable' : 'private, no-cache',
  };
}

function isKnown(condition: string | undefined, etag: string): boolean {
  return condition?.split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*') === true;
}

/** A file is never shown as a page, whatever is in it. */
function asDownload(fileName: string): Record<string, string> {
  return { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName.toWellFormed())}` };
}

interface Wanted {
  readonly range?: string | undefined;
  readonly isHead: boolean;
}

/** Sends an open file, or the part of it that is asked for, and closes it. */
async function answerWith(
  file: LibraryFile,
  { range, isHead }: Wanted,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const { bytes } = file;
  const part = range === undefined ? null : rangeOf(range, bytes);
  if (part === 'unsatisfiable') {
    await file.close();
    throw new Refused(416, 'RANGE', `The file has ${bytes} bytes: ask for a part of them.`);
  }
  const [start, end] = part ?? [0, bytes - 1];
  const whole = {
    ...headers,
    'accept-ranges': 'bytes',
    'content-length': String(end - start + 1),
    ...(part !== null && { 'content-range': `bytes ${start}-${end}/${bytes}` }),
  };
  const status = part === null ? 200 : 206;
  if (isHead || bytes === 0) {
    await file.close();
    return new Response(null, { status, headers: whole });
  }
  return new Response(streamOf(file, start, end), { status, headers: whole });
}

/** Reads as the page takes it; closes the file at the end, and when the page goes. */
function streamOf(file: LibraryFile, start: number, end: number): ReadableStream<Uint8Array> {
  let at = start;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const buffer = new Uint8Array(Math.min(chunk, end - at + 1));
          const bytesRead = await file.read(buffer, at);
          at += bytesRead;
          if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead));
          if (bytesRead > 0 && at <= end) return;
          await file.close();
          // It has become shorter: the page must not take a part for the whole.
          if (at <= end) controller.error(new Error('the file has become shorter'));
          else controller.close();
        } catch (error) {
          await file.close();
          throw error;
        }
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 1 },
  );
}

const chunk = 256 * 1024;

/** One range of bytes; null for what is to be answered with the whole file. */
function rangeOf(header: string, bytes: number): readonly [start: number, end: number] | 'unsatisfiable' | null {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [];
  if (from === '' && to === '') return null;
  const start = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (from !== '' && to !== '' && Number(to) < start) return null;
  return start >= bytes || start > end ? 'unsatisfiable' : [start, end];
}

/** The names of buffers and pictures that a glTF document gives, as it writes them, by what loaders make of them (NFC). */
async function resourcesOf({ format }: Model, file: LibraryFile): Promise<ReadonlyMap<string, string>> {
  if (format !== 'gltf' || file.bytes > mostDocument) return new Map();
  try {
    const document: unknown = JSON.parse(await textOf(file));
    const lists = ['buffers', 'images'].map((key) => Reflect.get(Object(document), key));
    const uris = lists
      .flatMap((list) => (Array.isArray(list) ? list : []))
      .map((item) => Reflect.get(Object(item), 'uri'));
    const names = uris.filter((uri) => typeof uri === 'string' && !/^[a-z][a-z0-9+.-]*:/i.test(uri));
    return new Map(names.map((name: string) => [name.normalize(), name]));
  } catch {
    // It was kept though it cannot be read; then it has no files either.
    return new Map();
  }
}

async function textOf(file: LibraryFile): Promise<string> {
  const content = new Uint8Array(file.bytes);
  for (let at = 0; at < content.length; ) {
    const read = await file.read(content.subarray(at), at);
    if (read === 0) break;
    at += read;
  }
  // The decoder leaves a mark of the byte order out.
  return new TextDecoder().decode(content);
}

const mostDocument = 64 * 1024 * 1024;

/** Opens a file that a document names, only in its own folder or below, links followed. */
async function openBeside(documentPath: string, name: string): Promise<LibraryFile> {
  const none = notFound('Such a file of the model');
  try {
    const folder = await realpath(dirname(documentPath));
    const path = await realpath(resolve(folder, decodeURIComponent(name)));
    const way = relative(folder, path);
    if (way === '' || isAbsolute(way) || way.split(sep)[0] === '..') throw none;
    // The file behind a link may have another ending than the link.
    if (resourceTypes[extname(path.toLowerCase())] === undefined) throw none;
    const handle = await openToRead(path);
    const look = await handle.stat();
    if (look.isFile()) return fileOf(handle, look.size);
    await handle.close();
  } catch {
    // Whatever it is, it is no file of the model.
  }
  throw none;
}

const resourceTypes: Readonly<Record<string, string>> = {
  '.bin': 'application/octet-stream',
  '.glbin': 'application/octet-stream',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ktx2': 'image/ktx2',
};

const types: Readonly<Partial<Record<ModelFormat, string>>> = {
  stl: 'model/stl',
  obj: 'model/obj',
  '3mf': 'model/3mf',
  glb: 'model/gltf-binary',
  gltf: 'model/gltf+json',
  step: 'model/step',
};
