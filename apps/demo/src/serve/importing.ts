// Importing from the page: uploads into a folder of the library, and imports of folders and of what was uploaded.
import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { notFound, Refused, topic } from './problem.js';
import { listImports, postImport, postUpload, showImport, stopImport } from './routes.js';
import { mediaTypeOf } from './security.js';
import type { Serving } from './serving.js';
import { keepUpload, safeName } from './uploads.js';

/** The routes of imports. */
export function importingRoutes({ imports, folders }: Serving) {
  const uploads = (): string => {
    if (folders.uploads !== null) return folders.uploads;
    throw new Refused(
      409,
      'NO_UPLOADS',
      'This library lies on another server and keeps no files: import a folder instead.',
    );
  };
  return topic()
    .openapi(postUpload, async (c) => {
      const { body, signal, headers } = c.req.raw;
      if (mediaTypeOf(c) !== 'application/octet-stream')
        throw new Refused(415, 'INVALID', 'Send the file itself, as application/octet-stream.');
      const kept = await keepUpload(uploads(), c.req.valid('query').name, body, {
        signal,
        announced: Number(headers.get('content-length') ?? 0),
      });
      return c.json(kept, 201);
    })
    .openapi(postImport, async (c) => {
      const wanted = c.req.valid('json');
      if ('folder' in wanted) {
        const { folder, ...options } = wanted;
        await refuseNoFolder(folder);
        return c.json({ id: imports.add({ paths: [folder], what: folder, options: given(options) }) }, 202);
      }
      const names = [...new Set(wanted.uploads.map(safeName))];
      const paths = names.map((name) => join(uploads(), name));
      for (const path of paths) if (!(await isFile(path))) throw notFound('One of the uploaded files');
      return c.json(
        {
          id: imports.add({ paths, what: paths.length === 1 ? 'One uploaded file' : `${paths.length} uploaded files` }),
        },
        202,
      );
    })
    .openapi(listImports, (c) => c.json({ items: [...imports.list()] }, 200))
    .openapi(showImport, (c) => {
      const found = imports.read(c.req.valid('param').id);
      if (found === null) throw notFound('Such an import');
      return c.json(found, 200);
    })
    .openapi(stopImport, (c) => {
      if (!imports.stop(c.req.valid('param').id)) throw notFound('Such an import');
      return c.body(null, 204);
    });
}

/** Options that were left out stay so. */
function given(options: Readonly<Record<string, boolean | undefined>>): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(options).filter((entry): entry is [string, boolean] => entry[1] !== undefined),
  );
}

async function refuseNoFolder(folder: string): Promise<void> {
  if (!isAbsolute(folder) || folder.includes('\0'))
    throw new Refused(400, 'INVALID', 'Name the folder by its whole path, such as /models/printed.');
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch {
    // It is said below what to do.
  }
  throw new Refused(404, 'NO_FOLDER', 'There is no such folder on the machine that the server runs on.');
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Nothing is there.
    return false;
  }
}
