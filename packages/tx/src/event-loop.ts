// Turns of the event loop, and signals, for the loops of packages that build on this one (@cc/tx/event-loop). No native import.
export { onAbort } from './waiting/aborts.js';
export { endingInTurn, giveTurn, nextTurn } from './waiting/turns.js';
