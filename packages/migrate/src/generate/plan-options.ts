// How ups are planned: rows with NULL where none may be stop them, and the order of columns is worth no rebuild.
import type { ChangeOptions } from '../change/plan-change.js';

/** The options of every planned up. */
export const planOptions: ChangeOptions = Object.freeze({ columnOrder: false, fillNulls: false });
