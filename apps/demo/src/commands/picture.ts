// candy show --image: the picture of a model, written to a file or kept where it is.
import { writeFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import type { ModelId } from '@cc/schema';
import { exitCodes } from '../exit-codes.js';
import { Refused, systemFault } from '../failure.js';
import type { Library } from '../library.js';
import { NoSuchModel } from '../model-reference.js';
import type { Output } from '../output.js';
import { openPictures, type Picture } from '../pictures/pictures.js';
import { visible } from '../terminal.js';

/** Where the picture goes. */
export interface PictureTarget {
  /** The folder that keeps pictures. */
  readonly kept: string;
  /** A file to write it to, from `workingFolder` on; true: it stays where it is kept, and its path is told. */
  readonly image: string | true;
  readonly workingFolder: string;
  readonly signal: AbortSignal;
}

/** Writes the picture of a model, or tells where it is kept. @throws Refused when there is none, or nowhere to put it */
export async function pictureCommand(
  library: Library,
  id: ModelId,
  { kept, image, workingFolder, signal }: PictureTarget,
  output: Output,
): Promise<number> {
  const model = await library.repositories.models.read(id);
  if (model === null) throw new NoSuchModel(`The model ${id} was removed.`);
  if (image !== true) verifyName(image, 'image/png', 'image/jpeg');
  await using pictures = openPictures({ folder: kept });
  const picture = await pictures.picture(model, { signal });
  if (picture === null) {
    throw new Refused(
      'There is no picture of it: its file is gone or has changed since it was imported (`import` again), it could not be measured (see `problems`), or it takes too long to draw.',
    );
  }
  const path = image === true ? picture.path : await write(picture, resolve(workingFolder, image));
  if (path === null) throw new Refused(`Nothing can be kept in ${visible(kept)}: name a file, --image picture.png.`);
  const { type, width, height } = picture;
  output.answer({ id, path, type, width, height }, () => [visible(path)]);
  return exitCodes.ok;
}

const endings: Readonly<Record<Picture['type'], readonly string[]>> = {
  'image/png': ['.png'],
  'image/jpeg': ['.jpg', '.jpeg'],
};

/** A slip of the keyboard must not put a picture into the place of a model. */
function verifyName(path: string, ...types: readonly Picture['type'][]): void {
  const allowed = types.flatMap((type) => endings[type]);
  if (allowed.includes(extname(path).toLowerCase())) return;
  throw new Refused(
    `A picture is not written to ${visible(basename(path))}: name a file that ends in ${allowed.join(' or ')}.`,
  );
}

async function write(picture: Picture, path: string): Promise<string> {
  verifyName(path, picture.type);
  try {
    await writeFile(path, picture.bytes);
    return path;
  } catch (cause) {
    const fault = systemFault(cause) ?? (cause instanceof Error ? cause.message : String(cause));
    throw new Refused(`The picture cannot be written to ${visible(path)}: ${fault}.`, { cause });
  }
}
