// Files that were dropped or chosen, on their way to the server: folders keep their names, so that what belongs together
// stays together. Two at a time, and each once more when the connection breaks.
import { upload } from '../data/api.js';
import { AnswerProblem } from '../data/problem.js';

/** A file and its name with folders. */
export interface Dropped {
  readonly name: string;
  readonly file: File;
}

const atOnce = 2;

/** Everything that was dropped, folders walked through. */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly Dropped[]> {
  // Entries have to be taken at once: after the event the transfer is empty.
  const taken = [...transfer.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found = taken.map(async ({ entry, file }) => {
    if (entry !== null) return filesIn(entry, '');
    // What another program hands over, such as an attachment of a mail, lies in no folder of the system.
    return file === null ? [] : [{ name: file.name, file }];
  });
  return (await Promise.all(found)).flat();
}

async function filesIn(entry: FileSystemEntry, folder: string): Promise<readonly Dropped[]> {
  const name = `${folder}${entry.name}`;
  if (isFile(entry)) return [{ name, file: await new Promise<File>((taken, failed) => entry.file(taken, failed)) }];
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const found: FileSystemEntry[] = [];
  // It answers in parts, until one is empty.
  for (;;) {
    const part = await new Promise<readonly FileSystemEntry[]>((taken, failed) => reader.readEntries(taken, failed));
    if (part.length === 0) break;
    found.push(...part);
  }
  return (await Promise.all(found.map((each) => filesIn(each, `${name}/`)))).flat();
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** Sends all files and returns the names that they have on the server. @throws AnswerProblem */
export async function sendFiles(
  files: readonly Dropped[],
  signal: AbortSignal,
  told: (done: number) => void,
): Promise<readonly string[]> {
  const waiting = [...files];
  const uploads: string[] = [];
  const send = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      uploads.push(await sendOnceMore(next, signal));
      told(uploads.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, send));
  return uploads;
}

async function sendOnceMore({ name, file }: Dropped, signal: AbortSignal): Promise<string> {
  try {
    return await upload(name, file, signal);
  } catch (error) {
    if (error instanceof AnswerProblem || signal.aborted) throw error;
    return upload(name, file, signal);
  }
}
