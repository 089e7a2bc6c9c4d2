// Further histories of several rounds that went wrong once, behind those of kept-long.ts.
import { code, hand, type Kept } from './written.js';

export const keptFurther: readonly Kept[] = [
  {
    what: 'a column that SELECT * renames goes back, whatever rows of other tables come on top',
    history: {
      start: 6,
      rounds: [
        {
          steps: [hand(['rebuild renaming', 997, 478, 612], ['backfill rows', 325, 254, 883])],
          agree: 'names',
          rows: 1,
          back: 2,
        },
        {
          steps: [hand(['rename column', 342, 4, 392], ['replace rows', 11, 365, 891])],
          agree: 'all',
          rows: 968,
          back: 2,
        },
        {
          steps: [
            code(['add generated', 811, 192, 54], ['drop column', 924, 210, 576]),
            hand(['rebuild renaming', 776, 541, 848]),
            code(['not null', 707, 652, 109]),
          ],
          agree: 'all',
          rows: 711,
          back: 0,
        },
      ],
    },
  },
  {
    what: 'a column that becomes computed is not lost where another one got its values before',
    history: {
      start: 297,
      rounds: [
        {
          steps: [
            code(['autoincrement', 794, 775, 556]),
            code(['autoincrement', 811, 177, 12], ['retype', 33, 597, 456]),
            hand(['add generated', 637, 3, 657]),
          ],
          agree: 'none',
          rows: 200,
          back: 2,
        },
        {
          steps: [
            hand(['update values', 684, 566, 493]),
            hand(['backfill column', 111, 27, 790], ['rebuild', 469, 415, 379]),
            hand(['rename column', 326, 2, 618]),
          ],
          agree: 'names',
          rows: 223,
          back: 1,
        },
        {
          steps: [
            hand(['reuse column', 594, 96, 440]),
            code(['add index', 597, 625, 502]),
            code(['add index', 975, 858, 411], ['drop table', 183, 170, 919]),
          ],
          agree: 'all',
          rows: 839,
          back: 2,
        },
        {
          steps: [hand(['backfill column', 765, 482, 899], ['rebuild', 347, 369, 514])],
          agree: 'none',
          rows: 492,
          back: 2,
        },
      ],
    },
  },
  {
    what: 'the last row of a table without a key goes where a copy has them all',
    history: {
      start: 895,
      rounds: [
        {
          steps: [hand(['copy out', 839, 650, 851], ['delete rows', 954, 352, 395])],
          agree: 'all',
          rows: 273,
          back: 1,
        },
      ],
    },
  },
  {
    what: 'a column that is gone has its values in a copy of some rows, and beside in the others',
    history: {
      start: 478,
      rounds: [
        {
          steps: [hand(['backfill column', 129, 143, 482], ['split', 525, 884, 221])],
          agree: 'none',
          rows: 994,
          back: 1,
        },
      ],
    },
  },
  {
    what: "rows that a migration adds and rebuilds with other values were nobody's",
    history: {
      start: 117,
      rounds: [
        {
          steps: [
            code(['rename table', 739, 789, 240]),
            hand(['add quoted default', 237, 134, 573], ['copy and drop', 456, 414, 17]),
            hand(['drop index', 501, 883, 765]),
          ],
          agree: 'none',
          rows: 561,
          back: 1,
        },
        {
          steps: [
            code(['drop column', 845, 321, 227], ['reuse a column name', 194, 848, 21]),
            hand(['rebuild empty', 440, 556, 715], ['backfill column', 347, 477, 572]),
          ],
          agree: 'names',
          rows: 932,
          back: 1,
        },
        {
          steps: [hand(['backfill rows', 665, 440, 15], ['rebuild exchanging', 80, 268, 955])],
          agree: 'names',
          rows: 69,
          back: 1,
        },
      ],
    },
  },
  {
    what: 'a table with a computed column is not lost where its other values stand in the one that gets its name',
    history: {
      start: 125,
      rounds: [
        {
          steps: [
            hand(['replace rows', 191, 155, 937]),
            hand(['rebuild with WHERE', 179, 579, 175], ['add index', 742, 578, 10]),
          ],
          agree: 'none',
          rows: 448,
          back: 2,
        },
        {
          steps: [hand(['reuse table', 476, 860, 217], ['add generated', 183, 170, 978])],
          agree: 'names',
          rows: 958,
          back: 1,
        },
        {
          steps: [code(['add index', 959, 273, 364], ['to generated', 755, 4, 869])],
          agree: 'all',
          rows: 466,
          back: 2,
        },
      ],
    },
  },
  {
    what: 'a table with a computed column is not lost where its other values stand in the one that gets its name',
    history: {
      start: 125,
      rounds: [
        {
          steps: [
            hand(['replace rows', 191, 155, 937]),
            hand(['rebuild with WHERE', 179, 579, 175], ['add index', 742, 578, 10]),
          ],
          agree: 'none',
          rows: 448,
          back: 2,
        },
        {
          steps: [hand(['reuse table', 476, 860, 217], ['add generated', 183, 170, 978])],
          agree: 'names',
          rows: 958,
          back: 1,
        },
        {
          steps: [code(['add index', 959, 273, 364], ['to generated', 755, 4, 869])],
          agree: 'all',
          rows: 466,
          back: 2,
        },
      ],
    },
  },
  {
    what: 'a table whose rows stand in another one is not lost for a column that the run has added and made computed',
    history: {
      start: 284,
      rounds: [
        {
          steps: [
            hand(['add quoted default', 628, 781, 273], ['rebuild renaming', 377, 121, 188]),
            code(['add reference', 299, 812, 768]),
            hand(['copy and drop', 526, 563, 826], ['rebuild', 827, 38, 99]),
          ],
          agree: 'all',
          rows: 46,
          back: 0,
        },
      ],
    },
  },
  {
    what: 'rows that refer to nothing go along with a table that trades its name for that of another one',
    history: {
      start: 865,
      rounds: [
        {
          steps: [
            hand(['rebuild empty', 504, 933, 753], ['copy out', 170, 339, 906]),
            hand(['copy and rebuild', 13, 851, 72]),
          ],
          agree: 'names',
          rows: 571,
          back: 0,
        },
        { steps: [hand(['swap tables', 968, 817, 709])], agree: 'names', rows: 368, back: 2 },
      ],
    },
  },
  {
    what: 'a column becomes NOT NULL in code though a migration by hand has written a row without it',
    history: {
      start: 920,
      rounds: [
        {
          steps: [
            hand(['split', 770, 276, 118]),
            hand(['create table', 141, 25, 309], ['create table', 896, 92, 723]),
            hand(['replace rows', 549, 48, 443]),
          ],
          agree: 'all',
          rows: 265,
          back: 0,
        },
        { steps: [code(['not null', 477, 780, 801])], agree: 'names', rows: 95, back: 2 },
      ],
    },
  },
];
