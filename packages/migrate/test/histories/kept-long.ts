// Histories of several rounds that went wrong once, as kept.ts has the short ones.
import { code, hand, type Kept } from './written.js';

export const keptLong: readonly Kept[] = [
  {
    what: 'a table that is put aside, and rebuilt in the same step, is not taken for lost',
    history: {
      start: 9,
      rounds: [
        {
          steps: [
            hand(['reuse column', 112, 370, 471], ['replace rows', 235, 623, 517]),
            hand(['add view', 861, 816, 482], ['rebuild exchanging', 777, 756, 430]),
          ],
          agree: 'all',
          rows: 108,
          back: 2,
        },
        {
          steps: [
            hand(['reuse table', 173, 552, 723], ['rebuild', 74, 826, 162]),
            hand(['update values', 720, 766, 64], ['add trigger', 414, 67, 715]),
          ],
          agree: 'names',
          rows: 748,
          back: 0,
        },
      ],
    },
  },
  {
    what: 'a table that is rebuilt from one put aside trades names in the same migration',
    history: {
      start: 960,
      rounds: [
        {
          steps: [hand(['rebuild without key', 116, 754, 653], ['swap tables', 805, 37, 668])],
          agree: 'all',
          rows: 287,
          back: 2,
        },
      ],
    },
  },
  {
    what: 'a column of a table that has no key in the one that took its name, and was copied elsewhere in part, is told as lost',
    history: {
      start: 810,
      rounds: [
        {
          steps: [hand(['swap tables', 676, 1, 249], ['copy and drop', 592, 473, 306])],
          agree: 'names',
          rows: 372,
          back: 1,
        },
      ],
    },
  },
  {
    what: 'a column whose default changed before it goes in the same call is counted by the default that it goes with',
    history: {
      start: 6,
      rounds: [
        {
          steps: [hand(['add column', 912, 279, 611], ['rebuild empty', 906, 444, 508])],
          agree: 'none',
          rows: 879,
          back: 1,
        },
        {
          steps: [code(['default', 293, 439, 715], ['add column', 957, 273, 511])],
          agree: 'names',
          rows: 920,
          back: 2,
        },
        { steps: [code(['default', 269, 615, 256], ['retype', 504, 879, 378])], agree: 'none', rows: 45, back: 2 },
        { steps: [code(['add table', 981, 508, 521])], agree: 'none', rows: 448, back: 2 },
      ],
    },
  },
  {
    what: 'a step that fails and would have lost something is what is refused, after steps that only moved rows',
    history: {
      start: 759,
      rounds: [
        { steps: [code(['add table', 466, 727, 134])], agree: 'all', rows: 3, back: 1 },
        {
          steps: [
            hand(['copy and rebuild', 61, 399, 155], ['copy out', 33, 214, 134]),
            hand(['copy and drop', 206, 930, 532], ['rename column', 126, 200, 349]),
            hand(['rebuild empty', 186, 437, 633], ['rebuild', 737, 433, 929]),
          ],
          agree: 'names',
          rows: 933,
          back: 1,
        },
      ],
    },
  },
  {
    what: 'a column whose values another one has got goes without a loss of its own',
    history: {
      start: 2,
      rounds: [
        {
          steps: [hand(['rebuild exchanging', 368, 681, 10], ['drop column', 801, 446, 819])],
          agree: 'names',
          rows: 385,
          back: 2,
        },
        {
          steps: [code(['drop index', 245, 918, 668], ['add column', 438, 380, 996])],
          agree: 'none',
          rows: 77,
          back: 0,
        },
        {
          steps: [code(['not null', 664, 994, 577], ['to generated', 874, 226, 3])],
          agree: 'names',
          rows: 314,
          back: 0,
        },
        {
          steps: [hand(['rebuild exchanging', 991, 5, 663], ['drop column', 949, 998, 995])],
          agree: 'names',
          rows: 991,
          back: 2,
        },
      ],
    },
  },
  {
    what: 'a table whose rows stand in the one that gets its name, a number as its text, goes without a loss',
    history: {
      start: 6,
      rounds: [
        { steps: [code(['add generated', 20, 0, 902])], agree: 'none', rows: 996, back: 1 },
        { steps: [hand(['reuse table', 2, 723, 3])], agree: 'all', rows: 152, back: 1 },
        {
          steps: [hand(['backfill rows', 991, 1000, 173], ['add generated', 974, 9, 0])],
          agree: 'names',
          rows: 6,
          back: 0,
        },
        { steps: [hand(['reuse table', 4, 6, 513])], agree: 'all', rows: 330, back: 1 },
      ],
    },
  },
  {
    what: 'a number that becomes the text of another number, which would be rounded to it again, may be told as lost',
    history: {
      start: 215,
      rounds: [
        {
          steps: [code(['to generated', 14, 806, 626], ['retype', 257, 466, 629])],
          agree: 'names',
          rows: 108,
          back: 1,
        },
      ],
    },
  },
  {
    what: 'a column that a run has added to a table without a key, and computes in the end, is no loss',
    history: {
      start: 235,
      rounds: [
        { steps: [code(['to generated', 102, 515, 827])], agree: 'names', rows: 659, back: 2 },
        {
          steps: [
            code(['to plain', 155, 631, 613], ['drop index', 267, 970, 771]),
            hand(['add generated', 704, 521, 110], ['add quoted default', 170, 333, 652]),
            hand(['rebuild', 794, 783, 891]),
          ],
          agree: 'none',
          rows: 16,
          back: 0,
        },
      ],
    },
  },
  {
    what: 'a table with orphans gets back the name that it had',
    history: {
      start: 845,
      rounds: [
        { steps: [hand(['add index', 471, 624, 755], ['rebuild', 129, 526, 5])], agree: 'all', rows: 155, back: 1 },
        { steps: [code(['retype', 894, 595, 606], ['rename table', 247, 518, 898])], agree: 'all', rows: 87, back: 1 },
        {
          steps: [code(['other formula', 223, 865, 642]), hand(['drop index', 532, 988, 837])],
          agree: 'none',
          rows: 586,
          back: 2,
        },
      ],
    },
  },
  {
    what: 'a table whose copy is made anew without rows is what goes, not a column of the copy',
    history: {
      start: 154,
      rounds: [
        {
          steps: [hand(['reuse column', 628, 814, 247], ['rebuild exchanging', 763, 682, 323])],
          agree: 'names',
          rows: 419,
          back: 2,
        },
        {
          steps: [
            hand(['copy and drop', 977, 278, 367], ['rebuild empty', 596, 421, 588]),
            hand(['backfill column', 717, 412, 456], ['rebuild', 1, 664, 409]),
            hand(['drop column', 779, 192, 812], ['swap columns', 471, 146, 154]),
          ],
          agree: 'all',
          rows: 106,
          back: 0,
        },
        {
          steps: [
            hand(['backfill column', 396, 940, 62]),
            hand(['swap columns', 601, 944, 96], ['copy out', 862, 736, 810]),
          ],
          agree: 'names',
          rows: 242,
          back: 0,
        },
      ],
    },
  },
  {
    what: 'a new table is put aside for an old name beside the draft of a rebuild',
    history: {
      start: 235,
      rounds: [
        {
          steps: [hand(['reuse table', 541, 818, 786], ['drop column', 969, 198, 344])],
          agree: 'none',
          rows: 642,
          back: 1,
        },
        {
          steps: [
            hand(['reuse table', 329, 166, 989]),
            hand(['backfill column', 731, 680, 975], ['rebuild exchanging', 561, 964, 767]),
            hand(['swap columns', 104, 407, 178]),
          ],
          agree: 'all',
          rows: 121,
          back: 1,
        },
      ],
    },
  },
  {
    what: 'with the last row of a table goes what its dropped columns held',
    history: {
      start: 975,
      rounds: [
        {
          steps: [hand(['add quoted default', 482, 97, 969], ['rename table', 473, 210, 940])],
          agree: 'names',
          rows: 423,
          back: 1,
        },
        {
          steps: [
            hand(['rename column', 38, 808, 956], ['backfill column', 510, 535, 488]),
            code(['retype', 491, 403, 883], ['to plain', 741, 431, 407]),
            hand(['add quoted default', 157, 204, 436]),
          ],
          agree: 'none',
          rows: 286,
          back: 0,
        },
        {
          steps: [
            hand(['rebuild', 186, 388, 513]),
            hand(['rebuild empty', 533, 665, 131], ['drop column', 257, 852, 391]),
            code(['rename table', 193, 206, 178]),
          ],
          agree: 'names',
          rows: 87,
          back: 0,
        },
      ],
    },
  },
  {
    what: 'a table of which a copy under another name has a few rows goes where it goes, and not with a column of the copy',
    history: {
      start: 756,
      rounds: [
        {
          steps: [
            hand(['rebuild empty', 656, 746, 490], ['reuse column', 912, 426, 801]),
            code(['add reference', 746, 704, 616]),
          ],
          agree: 'names',
          rows: 862,
          back: 0,
        },
        {
          steps: [
            hand(['add quoted default', 605, 447, 221], ['split', 438, 788, 854]),
            hand(['delete rows', 566, 649, 716], ['swap columns', 686, 857, 145]),
            hand(['drop table', 638, 352, 623], ['add generated', 746, 654, 20]),
          ],
          agree: 'names',
          rows: 997,
          back: 2,
        },
        {
          steps: [
            hand(['rebuild', 298, 48, 756]),
            hand(['copy out', 133, 589, 726], ['split', 22, 996, 705]),
            hand(['drop index', 441, 663, 422], ['replace rows', 435, 556, 225]),
          ],
          agree: 'none',
          rows: 2,
          back: 2,
        },
        {
          steps: [
            hand(['copy and drop', 520, 351, 717], ['create table', 166, 600, 194]),
            hand(['rebuild', 190, 662, 937]),
          ],
          agree: 'names',
          rows: 485,
          back: 2,
        },
      ],
    },
  },
  {
    what: 'a computed column that is gone is not the one that another got its name from, in the second rebuild of a step',
    history: {
      start: 56,
      rounds: [
        {
          steps: [hand(['rebuild with WHERE', 343, 287, 169]), hand(['drop view', 878, 607, 362])],
          agree: 'names',
          rows: 794,
          back: 2,
        },
        {
          steps: [
            hand(['add generated', 404, 346, 857], ['backfill column', 974, 738, 233]),
            code(['not null', 461, 575, 727]),
            hand(['reuse column', 488, 627, 336], ['drop column', 102, 727, 370]),
          ],
          agree: 'names',
          rows: 425,
          back: 2,
        },
        {
          steps: [
            hand(['backfill column', 63, 262, 935]),
            code(['add generated', 147, 317, 402]),
            hand(['copy and rebuild', 986, 945, 198], ['rebuild renaming', 354, 534, 422]),
          ],
          agree: 'names',
          rows: 641,
          back: 0,
        },
      ],
    },
  },
  {
    what: 'a computed column that a rebuild leaves out is not the one that is renamed to it behind the rebuild',
    history: {
      start: 82,
      rounds: [
        {
          steps: [
            hand(['copy and rebuild', 668, 488, 6], ['add generated', 252, 883, 133]),
            hand(['split', 344, 559, 519], ['rename column', 100, 330, 799]),
          ],
          agree: 'names',
          rows: 685,
          back: 1,
        },
      ],
    },
  },
];
