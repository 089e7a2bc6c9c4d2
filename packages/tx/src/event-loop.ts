// Turns of the event loop for the loops of packages that build on this one (@cc/tx/event-loop). No native import.
export { endingInTurn, giveTurn, nextTurn } from './waiting/turns.js';
