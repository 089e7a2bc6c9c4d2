// Files that were dropped or chosen, on their way to the server: folders keep their names, so that what belongs together
// stays together. Two at a time, and each once more when the connection breaks. One that cannot be sent keeps none back.
import { isPassedOver } from '../../src/importing/clutter.js';
import { beginImport, type Uploaded, upload } from '../data/api.js';
import { sayProblem } from '../data/edits.js';
import { AnswerProblem } from '../data/problem.js';
import { sending } from '../data/sending.js';
import { say } from '../frame/toast.js';
import * as words from '../frame/words.js';
import { partedNames } from './parted.js';

/** A file and its name with folders; null where the browser cannot read it. */
export interface Dropped {
  readonly name: string;
  readonly file: File | null;
}

interface Sent extends Dropped, Uploaded {}

interface Unsent {
  readonly name: string;
  readonly why: string;
}

const atOnce = 2;
/** The server takes 10,000 names and 8 MiB at once. */
const importedAtOnce = 2_000;
let end = new AbortController();

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
  if (isPassedOver(name)) return [];
  if (isFile(entry)) {
    const file = new Promise<File>((taken, failed) => entry.file(taken, failed));
    return [{ name, file: await file.catch(() => null) }];
  }
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

/** Sends files and has them imported, and says which could not be sent. `onBegun` is called when imports have begun. */
export async function sendFiles(dropped: Promise<readonly Dropped[]>, onBegun: () => void): Promise<void> {
  if (sending.value !== null) {
    say('The files before these are still being sent: drop these again behind them.', { isError: true });
    return;
  }
  end = new AbortController();
  const { signal } = end;
  sending.value = { done: 0, total: 0 };
  try {
    const files = (await dropped).filter(({ name }) => !isPassedOver(name));
    const first = await sendAll(files, signal);
    const others = partedNames(first.sent, new Date().toISOString().replace(/[:.]/g, '-'));
    const again = first.sent.flatMap(({ name, file }) => {
      const other = others.get(name);
      return other === undefined ? [] : [{ name: other, file }];
    });
    const second = await sendAll(again, signal);
    const sent = [...first.sent.filter(({ name }) => !others.has(name)), ...second.sent];
    const [uploads, unsent] = [sent.map((each) => each.upload), [...first.unsent, ...second.unsent]];
    // When all are there: some are read with others beside them.
    for (let at = 0; at < uploads.length; at += importedAtOnce)
      await beginImport({ uploads: uploads.slice(at, at + importedAtOnce) });
    if (uploads.length > 0) onBegun();
    if (unsent.length > 0) say(unsentIn(unsent), { isError: true });
  } catch (error) {
    if (!signal.aborted) sayProblem(error);
  } finally {
    sending.value = null;
  }
}

/** Sends no more; what was sent stays where it is, and is not imported. */
export function stopSending(): void {
  end.abort();
}

async function sendAll(
  files: readonly Dropped[],
  signal: AbortSignal,
): Promise<{ readonly sent: readonly Sent[]; readonly unsent: readonly Unsent[] }> {
  const waiting = files.values();
  const [sent, unsent]: [Sent[], Unsent[]] = [[], []];
  const tell = (): void => {
    sending.value = { done: sent.length + unsent.length, total: files.length };
  };
  tell();
  const send = async (): Promise<void> => {
    for (const next of waiting) {
      signal.throwIfAborted();
      const one = await sendOne(next, signal);
      if ('upload' in one) sent.push(one);
      else unsent.push(one);
      tell();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, send));
  return { sent, unsent };
}

/** The name that it has on the server, or why it has none. @throws what keeps all others back too */
async function sendOne({ name, file }: Dropped, signal: AbortSignal): Promise<Sent | Unsent> {
  for (let isLast = false; ; isLast = true) {
    // A browser says of a file that is gone, or has changed, what it says of a server that is away.
    if (file === null || !(await isReadable(file)))
      return { name, why: 'it cannot be read, or has changed since it was chosen' };
    try {
      return { name, file, ...(await upload(name, file, signal)) };
    } catch (error) {
      if (error instanceof AnswerProblem && ofOneFile.has(error.told.status)) return { name, why: error.told.detail };
      if (error instanceof AnswerProblem || signal.aborted || isLast) throw error;
    }
  }
}

/** What the server says of a name or a length. */
const ofOneFile = new Set([400, 409, 413]);

function isReadable(file: File): Promise<boolean> {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
}

function unsentIn(unsent: readonly Unsent[]): string {
  const told = unsent.slice(0, 3).map(({ name, why }) => `${name}: ${why.replace(/\.$/, '')}.`);
  const more = unsent.length > told.length ? ` And ${words.count(unsent.length - told.length)} more.` : '';
  return `${words.counted(unsent.length, 'file')} could not be sent, the others were. ${told.join(' ')}${more}`;
}
