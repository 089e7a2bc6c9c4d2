// How far the files are that are on their way to the server. They go on while another view is open; the page asks before it goes.
import { signal } from '@preact/signals';

/** Null while none are sent. */
export const sending = signal<{ readonly done: number; readonly total: number } | null>(null);
