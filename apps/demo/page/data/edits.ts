// Every change of models goes through here: it is written, can be taken back (and done again), and where somebody else was
// faster both values are shown and the person chooses.
import { signal } from '@preact/signals';
import type { Conflict, Edit } from '../../src/serve/contract.js';
import { say } from '../frame/toast.js';
import { outlivePage, sendEdits } from './api.js';
import { changes } from './events.js';
import { AnswerProblem, type Problem, problemOf } from './problem.js';

/** Edits that others were faster than, until the person has chosen. */
export interface Contest {
  readonly edits: readonly Edit[];
  readonly what: string;
  readonly conflict: Conflict;
}

/** Something that was done. */
export interface Step {
  /** In the past tense, as the message says it. */
  readonly what: string;
  /** What taking it back writes to models; none when it is something else. */
  readonly edits: readonly Edit[];
  /** Takes it back, and returns what that did: it can be taken back in turn. */
  readonly back: () => Promise<Step>;
}

/** What the person has to choose in, or null. */
export const contest = signal<Contest | null>(null);

const done = signal<readonly Step[]>([]);
const undone = signal<readonly Step[]>([]);
const remembered = 100;
/** Closes the message that offers to take the last step back: once that has happened it would offer the one before. */
let closeOffer: () => void = () => {};
/** The versions of each model that this page alone has made, one after the other. */
const own = new Map<string, { readonly first: number; readonly last: number }>();
/** The edit that was made last, written or refused. */
let last: Promise<unknown> = Promise.resolve();
/** What was taken back or done again last. */
let lastMove: Promise<void> = Promise.resolve();
/** What has no answer yet: the first is on its way, the others wait for it. */
let unanswered: readonly (readonly Edit[])[] = [];
/** What the server was not there for, or could not do. It is not on the screen any more when the model is read again: only the message has it. */
let unwritten: readonly { readonly edits: readonly Edit[]; readonly what: string }[] = [];
let closeUnwritten: () => void = () => {};

/** Writes edits; `what` says in the past tense what they do. False: nothing was written, and the page has said why. */
export async function edit(edits: readonly Edit[], what: string): Promise<boolean> {
  try {
    remember(await write(edits, what));
    return true;
  } catch (error) {
    if (isForLater(error)) sayUnwritten(edits, what, problemOf(error));
    else contestOrSay(error, edits, what);
    return false;
  }
}

/** Resolves when every edit that was made up to now is written or refused: what is read then knows of all of them. */
export async function allWritten(): Promise<void> {
  await last;
}

/** Whether something that was changed is lost when the page goes now. */
export function wouldLose(): boolean {
  return unwritten.length > 0 || unanswered.length > 1 || !unanswered.every(outlivePage);
}

/** Notes what was done, and says so with the button that takes it back. */
export function remember(step: Step): void {
  done.value = [...done.value, step].slice(-remembered);
  undone.value = [];
  closeOffer();
  closeOffer = say(`${step.what}.`, { action: { label: 'Undo', run: () => void undo() } });
}

/** What is no edit of models but can be taken back all the same: `back` undoes it, `again` does it once more. */
export function reversible(what: string, back: () => Promise<unknown>, again: () => Promise<unknown>): Step {
  return {
    what,
    edits: [],
    back: async () => {
      await back();
      return reversible(what, again, back);
    },
  };
}

/** Takes back what was done last. */
export function undo(): Promise<void> {
  return inTurn(() => move(done, undone, 'Taken back', 'There is nothing to take back.'));
}

/** Does again what was taken back last. */
export function redo(): Promise<void> {
  return inTurn(() => move(undone, done, 'Done again', 'There is nothing to do again.'));
}

/** Shows an error as a message. */
export function sayProblem(error: unknown): void {
  const { status, title, detail } = problemOf(error);
  // What a person has given and can mend needs no title.
  say(status === 400 ? detail : `${title}. ${detail}`, { isError: true });
}

/** One message for all of it, with what stood in the way of the last. */
function sayUnwritten(edits: readonly Edit[], what: string, { status, detail }: Problem): void {
  unwritten = [...unwritten, { edits, what }];
  closeUnwritten();
  const because = reasons[status];
  const changed = unwritten.map((each) => inSentence(each.what)).join('; ');
  closeUnwritten = say(
    because === undefined ? `Not written: ${changed}. ${detail}` : `Not written, because ${because}: ${changed}.`,
    {
      isError: true,
      action: { label: unwritten.length === 1 ? 'Write it now' : 'Write them now', run: writeUnwritten },
      onDismiss: () => {
        unwritten = [];
      },
    },
  );
  changes.tell(new Set(edits.map(({ id }) => id)));
}

const reasons: Readonly<Record<number, string>> = {
  0: 'the server does not answer',
  401: 'the server asks for its token',
};

function writeUnwritten(): void {
  const again = unwritten;
  unwritten = [];
  for (const { edits, what } of again) void edit(edits, what);
}

function inSentence(what: string): string {
  return `${what.charAt(0).toLowerCase()}${what.slice(1)}`;
}

/** One after the other: each knows then which versions the ones before it have made. */
function write(edits: readonly Edit[], what: string): Promise<Step> {
  unanswered = [...unanswered, edits];
  const written = last
    .then(() => writeNow(edits.map(afterOwn), what))
    .finally(() => {
      unanswered = unanswered.filter((each) => each !== edits);
    });
  last = written.catch(() => null);
  return written;
}

async function writeNow(edits: readonly Edit[], what: string): Promise<Step> {
  const { undo: reverse, versions } = await sendEdits(edits);
  const before = new Map(edits.map(({ id, ifVersion }) => [id, ifVersion]));
  for (const { id, version } of versions) {
    const known = own.get(id);
    // Tags and collections make no version.
    if (known?.last === version) continue;
    const from = before.get(id) ?? version;
    own.set(id, { first: known?.last === from ? known.first : from, last: version });
  }
  changes.tell(new Set(edits.map(({ id }) => id)));
  return { what, edits: reverse, back: () => write(reverse, what) };
}

/** An edit of a model that only this page has changed since it was read, or since the edit was made: that is no conflict. */
function afterOwn(edit: Edit): Edit {
  const known = own.get(edit.id);
  const { ifVersion } = edit;
  const isOurs = known !== undefined && ifVersion !== undefined && known.first <= ifVersion && ifVersion <= known.last;
  return isOurs ? { ...edit, ifVersion: known.last } : edit;
}

/** One after the other, and after what is being written: that is what was done last. */
function inTurn(act: () => Promise<void>): Promise<void> {
  lastMove = lastMove.then(allWritten).then(act);
  return lastMove;
}

async function move(from: typeof done, to: typeof done, said: string, nothing: string): Promise<void> {
  const step = from.value.at(-1);
  closeOffer();
  if (step === undefined) {
    say(nothing);
    return;
  }
  from.value = from.value.slice(0, -1);
  try {
    const reverse = await step.back();
    to.value = [...to.value, reverse];
    say(`${said}: ${inSentence(step.what)}.`);
  } catch (error) {
    // It can be taken back as before, once the server can do it.
    if (isForLater(error)) from.value = [...from.value, step];
    contestOrSay(error, step.edits, step.what);
  }
}

/**
 * Whether nothing is known to be wrong with what was asked: the server was away, wants its token first, or could not do it, as
 * where its disk is full or the library was moved.
 */
function isForLater(error: unknown): boolean {
  const { status } = problemOf(error);
  return status in reasons || status >= 500 || (status === 409 && conflictIn(error) === null);
}

function conflictIn(error: unknown): Conflict | null {
  return error instanceof AnswerProblem ? error.conflict : null;
}

/** Lets the person choose where somebody was faster, and says anything else that went wrong. */
function contestOrSay(error: unknown, edits: readonly Edit[], what: string): void {
  const conflict = conflictIn(error);
  if (conflict === null) sayProblem(error);
  else contest.value = { edits, what, conflict };
  // What was shown before the server answered is shown no more.
  changes.tell(new Set(edits.map(({ id }) => id)));
}
