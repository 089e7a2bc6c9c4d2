// Histories of one round that went wrong once, as they were drawn and made short. Each is a test of its own, whatever is drawn
// today.
import { code, hand, type Kept, once } from './written.js';

export const kept: readonly Kept[] = [
  {
    what: 'a column that is renamed through a copy into a draft keeps its values, up and down',
    history: once(7, 'none', 1, hand(['rebuild renaming', 1, 0, 4])),
  },
  {
    what: 'a column that is renamed through a backup keeps its values, up and down',
    history: once(7, 'none', 1, hand(['rebuild renaming', 1, 3, 4])),
  },
  {
    what: 'a column that is renamed by its place in SELECT * keeps its values, up and down',
    history: once(13, 'none', 1, hand(['rebuild renaming', 0, 4, 5])),
  },
  {
    what: 'a table put aside under another name comes back when a new one had its name',
    history: once(7, 'all', 1, hand(['add column', 0, 1, 0], ['reuse table', 1, 3, 2])),
  },
  {
    what: 'a column comes back under its name when a new one had it',
    history: once(7, 'all', 1, hand(['reuse column', 0, 2, 3])),
  },
  {
    what: 'a generated column that becomes plain in the schema code keeps its values',
    history: once(2, 'none', 1, code(['to plain', 0, 0, 0])),
  },
  {
    what: 'a key that fits no index of its parent stops nothing that comes later',
    history: once(5, 'none', 1, code(['add column', 0, 3, 0]), hand(['add column', 1, 3, 1])),
  },
  {
    what: 'what is computed may change with a column that is filled',
    history: once(2, 'all', 1, code(['not null', 0, 2, 1])),
  },
  {
    what: 'a default in double quotes keeps no way back from working',
    history: once(7, 'all', 2, hand(['add quoted default', 0, 3, 1]), hand(['drop column', 1, 1, 1])),
  },
  {
    what: 'rows that are copied elsewhere as constants are no copy',
    history: once(7, 'names', 1, hand(['copy and rebuild', 1, 0, 0])),
  },
  {
    what: 'a copy with a WHERE, or without what is there twice, loses rows',
    history: once(6, 'none', 0, hand(['rebuild with WHERE', 1, 0, 3]), hand(['rebuild with WHERE', 2, 0, 5])),
  },
  {
    what: 'text that no number gives back is lost when its column becomes one',
    history: once(3, 'names', 1, code(['retype', 0, 2, 0]), code(['retype', 0, 2, 1])),
  },
  {
    what: 'a column that is renamed through a copy of the old table put aside keeps its values, up and down',
    history: once(7, 'none', 1, hand(['rebuild renaming', 1, 2, 4])),
  },
  {
    what: 'a key that fits no index of its parent stops no renaming of the parent',
    history: once(5, 'none', 1, code(['rename table', 0, 3, 0])),
  },
  {
    what: 'a new column that is filled from others is dropped on the way back, beside a trigger on another column',
    history: once(2, 'all', 1, hand(['backfill column', 0, 4, 1])),
  },
  {
    what: 'a table that is rebuilt from a backup needs no way back by hand',
    history: once(7, 'none', 1, hand(['rebuild', 2, 3, 12])),
  },
  {
    what: 'tables that traded names are rebuilt and come back',
    history: once(7, 'none', 1, hand(['swap tables', 1, 1, 0], ['rebuild', 1, 2, 2])),
  },
  {
    what: 'a key that fits no index of its parent stops no renaming of its own table',
    history: once(80, 'none', 0, hand(['rename table', 487, 643, 239])),
  },
  {
    what: 'a table that is made anew without its rows, and then rebuilt under other names, takes later rows back',
    history: once(157, 'all', 1, hand(['rebuild empty', 10, 0, 0], ['rebuild renaming', 10, 2, 0])),
  },
  {
    what: 'a blob without bytes may stand elsewhere as a text without any',
    history: once(8, 'names', 2, hand(['split', 851, 504, 147], ['add column', 305, 52, 883])),
  },
  {
    what: 'a column that SELECT * renames by its place is not the one that is added under its name',
    history: once(821, 'names', 1, hand(['rebuild renaming', 983, 94, 193], ['add column', 587, 262, 245])),
  },
  {
    what: 'a column of defaults that is dropped is not the one that gets its name',
    history: once(915, 'none', 1, hand(['drop view', 439, 464, 309], ['reuse column', 892, 690, 131])),
  },
];
