// The suite of @cc/migrate: running migrations up and down, and writing them with proven ways back.
import type { Bar, Row, Suite } from '../harness/suite.js';
import { prepareMigrations } from './migrations-inputs.js';
import {
  dropColumnPhase,
  rebuildDownPhase,
  rebuildUpPhase,
  smallPhase,
  statusPhase,
  updatePhase,
} from './migrations-running.js';
import { downsPhase, drizzleKit, generatePhase } from './migrations-writing.js';

const peer = 'drizzle + @libsql/client';
const oursToPeer: Bar = { text: `ours : ${peer}`, contender: 'ours', against: peer };
/** Measuring what is lost may cost as much again as the statements. */
const oursToHand: Bar = { text: 'ours : bare SQL', contender: 'ours', against: 'bare SQL' };
/** Ours runs drizzle-kit, and may take as long again. */
const oursToKit: Bar = { text: `ours : ${drizzleKit}`, contender: 'ours', against: drizzleKit };
const writing = { section: 'Writing migrations', reference: drizzleKit, unit: 'ms' } as const;

const rows: readonly Row[] = [
  {
    id: 'rebuildUp',
    title: 'up: rebuild of a table of 200,000 rows, losses measured',
    unit: 'ms',
    bars: [oursToPeer, oursToHand],
  },
  {
    id: 'update',
    title: 'up: an UPDATE of 200,000 rows that keeps every value, losses measured',
    unit: 'ms',
    bars: [oursToHand],
  },
  {
    id: 'dropColumn',
    title: 'up: a column of 200,000 rows that holds nothing goes, losses measured',
    unit: 'ms',
    bars: [oursToHand],
  },
  { id: 'rebuildDown', title: 'down: the rebuild back', unit: 'ms' },
  { id: 'small', title: 'up: twenty small migrations on an empty database', unit: 'ms', bars: [oursToPeer] },
  { id: 'status', title: '`status()` of a folder with 100 applied migrations', unit: 'ms' },
  { ...writing, id: 'generateColumn', title: 'the next migration from schema code: a new column', bars: [oursToKit] },
  { ...writing, id: 'generateRebuild', title: 'the next migration from schema code: a rebuild', bars: [oursToKit] },
  { ...writing, id: 'downs1', title: 'planning and proof of one down, in a folder of 1 migration' },
  { ...writing, id: 'downs10', title: 'the same, in a folder of 10' },
  { ...writing, id: 'downs20', title: 'the same, in a folder of 20' },
  { ...writing, id: 'downs50', title: 'the same, in a folder of 50' },
  { ...writing, id: 'downs100', title: 'the same, in a folder of 100' },
];

/** The suite `migrations`. */
export const migrations: Suite = {
  name: 'migrations',
  title: 'Migrations through @cc/migrate',
  reference: 'bare SQL',
  rows,
  phases: [
    rebuildUpPhase,
    updatePhase,
    dropColumnPhase,
    rebuildDownPhase,
    smallPhase,
    statusPhase,
    generatePhase,
    downsPhase,
  ],
  prepare: prepareMigrations,
};
