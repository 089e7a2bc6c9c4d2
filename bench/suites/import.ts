// The suite of `candy import`: beside an import written by hand, SHA-256 alone, and a bare walk.
import type { Bar, Row, Suite } from '../harness/suite.js';
import { largeFormats, prepareImports } from './import-inputs.js';
import { byHand, hashAlone, importPhases, walk } from './import-phases.js';

const atMostHand: Bar = { text: 'ours ≤ 2.5 × by hand', contender: 'ours', against: byHand, atMost: 2.5 };
const atMostWalk: Bar = { text: 'ours ≤ 1.5 × walk', contender: 'ours', against: walk, atMost: 1.5 };
/** Of the speed of SHA-256, turned round: ratios are of times. */
const leastSpeed: Readonly<Record<(typeof largeFormats)[number], number>> = {
  stl: 0.5,
  ply: 0.5,
  '3mf': 0.25,
  obj: 0.2,
};

const small = { section: 'Many small files, the whole command', unit: 'ms', reference: byHand } as const;
const again = { section: 'The second run over them, the whole command', unit: 'ms', reference: walk } as const;
const large = { section: 'One more file of 20 MB', unit: 'ms', reference: hashAlone } as const;

const watch = { section: 'A file dropped into a folder that is watched', unit: 'ms', reference: 'ours' } as const;

const rows: readonly Row[] = [
  { ...small, id: 'small', title: 'computing time of all processes', bars: [atMostHand] },
  { ...small, id: 'small wall', title: 'time' },
  { ...again, id: 'again', title: 'computing time of all processes', bars: [atMostWalk] },
  { ...again, id: 'again wall', title: 'time' },
  ...largeFormats.flatMap((format): Row[] => [
    { ...large, id: format, title: `${format.toUpperCase()}: time`, bars: [atLeastSpeed(leastSpeed[format])] },
    { ...large, id: `${format} cpu`, title: `${format.toUpperCase()}: computing time` },
  ]),
  {
    id: 'memory',
    title: 'largest memory of all processes together',
    unit: 'MB',
    section: 'Memory while the small files are imported',
    reference: 'ours',
    bars: [{ text: 'ours ≤ 300 MB', contender: 'ours', atMost: 300 }],
  },
  { ...watch, id: 'watch', title: 'median' },
  {
    ...watch,
    id: 'watch slowest',
    title: 'slowest',
    bars: [{ text: 'ours ≤ 1 s', contender: 'ours', atMost: 1_000 }],
  },
];

function atLeastSpeed(share: number): Bar {
  return { text: `ours ≥ ${share} × the speed of SHA-256`, contender: 'ours', against: hashAlone, atMost: 1 / share };
}

/** The suite `import`. */
export const imports: Suite = {
  name: 'import',
  title: 'Importing files with candy, beside a loop by hand and SHA-256 alone',
  reference: byHand,
  rows,
  canBeQuick: true,
  phases: importPhases,
  prepare: prepareImports,
};
