// The other half of contract.ts: work lists, imports, jobs, health, and the events that tell an open page of all of them.
// Long, because it is one vocabulary.
import { z } from '@hono/zod-openapi';
import { modelCard, modelId, time } from './contract.js';

/** Groups of models with the same content. */
export const duplicates = z
  .object({
    /** `count`: all models of the content, of which the first 100 are among `models`. */
    groups: z.array(
      z.object({
        fileHash: z.string(),
        count: z.number().int(),
        models: z.array(modelCard.extend({ filePath: z.string() })),
      }),
    ),
    next: z.string().nullable(),
  })
  .openapi('Duplicates');

/** Models that want somebody's attention. `reason` says why. */
export const workList = z
  .object({
    items: z.array(modelCard.extend({ filePath: z.string(), reason: z.string() })),
    next: z.string().nullable(),
    total: z.number().int(),
  })
  .openapi('WorkList');

/** Which models the library is to forget; no file is touched. Without `present` only missing ones. */
export const forget = z
  .object({ ids: z.array(modelId).min(1).max(1_000), present: z.boolean().optional() })
  .strict()
  .openapi('Forget');

/** `undo`: for `POST /api/restore`, as long as the server runs, of the last 20 times. */
export const forgotten = z.object({ forgotten: z.array(modelId), undo: z.string() }).openapi('Forgotten');

/** What brings back what was forgotten. */
export const restore = z
  .object({ undo: z.string().max(100) })
  .strict()
  .openapi('Restore');

/** Models whose files are to be read again. */
export const retry = z
  .object({ ids: z.array(modelId).min(1).max(1_000) })
  .strict()
  .openapi('Retry');

/** What to import: a folder of the machine that the server runs on, by its whole path, or files that were uploaded. */
export const importRequest = z
  .union([
    z
      .object({
        folder: z.string().min(1).max(4_096),
        retry: z.boolean().optional(),
        tagsFromFolders: z.boolean().optional(),
        emptied: z.boolean().optional(),
      })
      .strict(),
    z.object({ uploads: z.array(z.string().max(1_000)).min(1).max(10_000) }).strict(),
  ])
  .openapi('ImportRequest');

/** `upload`: the name that the file has now, for `POST /api/imports`. `isRenamed`: other content has the name that it was given. */
export const uploaded = z
  .object({ upload: z.string(), bytes: z.number().int(), isRenamed: z.boolean() })
  .openapi('Uploaded');

/** What was begun; `GET /api/imports/{id}` and the events tell how it goes on. */
export const begun = z.object({ id: z.string() }).openapi('Begun');

const outcomes = ['new', 'changed', 'unchanged', 'moved', 'duplicate', 'unparsed', 'unreadable', 'missing'] as const;
const state = z.enum(['queued', 'running', 'done', 'failed', 'stopped']);

/** An import without its files. */
export const importState = z
  .object({
    id: z.string(),
    /** `queued` while another one runs. `stopped`: somebody ended it; what was read up to then is in the library. */
    state,
    /** What is imported: a path, or how many files were uploaded or are read again. */
    what: z.string(),
    done: z.number().int(),
    /** Null before the folders are walked. */
    total: z.number().int().nullable(),
    /** So far. */
    counts: z.partialRecord(z.enum(outcomes), z.number().int()),
    /** Files that are no 3D models, and what was passed over. So far. */
    ignored: z.number().int(),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    /** Why it failed. */
    problem: z.string().nullable(),
  })
  .openapi('ImportState');

/** The imports since the server began, the newest first. */
export const imports = z.object({ items: z.array(importState) }).openapi('Imports');

/** An import with what became of each file, the last 10,000 of them; unchanged ones are only counted. */
export const importResult = importState
  .extend({
    files: z.array(
      z.object({ path: z.string(), outcome: z.enum([...outcomes, 'ignored']), reason: z.string().nullable() }),
    ),
    /** More files than are listed. */
    more: z.number().int(),
  })
  .openapi('ImportResult');

/** Work on the whole library. */
export const jobRequest = z
  .object({ kind: z.enum(['check', 'maintenance', 'backup']) })
  .strict()
  .openapi('JobRequest');

/** How a job goes. */
export const job = z
  .object({
    id: z.string(),
    kind: z.enum(['check', 'maintenance', 'backup']),
    state,
    /** 0 to 1; null where it is not known. */
    progress: z.number().nullable(),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    /** What came of it, a line to a step. */
    lines: z.array(z.string()),
    problem: z.string().nullable(),
  })
  .openapi('Job');

/** The jobs since the server began, the newest first. */
export const jobs = z.object({ items: z.array(job) }).openapi('Jobs');

const status = z.enum(['OK', 'WARNING', 'CRITICAL', 'UNKNOWN']);
const advice = z.object({ text: z.string(), sql: z.string().optional(), command: z.string().optional() });

/** Something that is not as it should be. */
const alert = z
  .object({
    id: z.string(),
    rule: z.string(),
    state: z.enum(['pending', 'firing', 'resolved']),
    severity: z.enum(['WARNING', 'CRITICAL']),
    reason: z.string(),
    advice: advice.nullable(),
    startedAt: time,
    acknowledged: z.object({ at: time, by: z.string().nullable() }).nullable(),
  })
  .openapi('Alert');

const durations = {
  calls: z.number(),
  errors: z.number(),
  totalMs: z.number(),
  meanMs: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
};

/** A statement without values, and what it costs. */
const statement = z
  .object({
    statement: z.string(),
    ...durations,
    /** Part of the time of all statements, 0 to 1. */
    share: z.number(),
    rows: z.number(),
    labels: z.array(z.string()),
    plan: z.array(z.string()).nullable(),
    fullScans: z.array(z.string()).nullable(),
  })
  .openapi('Statement');

/** How far back charts go; default an hour. */
export const healthQuery = z.object({ range: z.enum(['hour', 'day', 'week']).optional() }).strict();

/** How the library is. */
export const healthPage = z
  .object({
    status,
    asOf: time,
    /** One sentence for each thing that is not as it should be, the worst first. */
    reasons: z.array(z.string()),
    alerts: z.array(alert),
    recommendations: z.array(advice.extend({ reason: z.string() })),
    /** The readings of the asked time, a line of a chart each; of many the highest ones. */
    charts: z.array(
      z.object({
        title: z.string(),
        unit: z.enum(['count', 'seconds', 'bytes', 'ratio']),
        points: z.array(z.object({ at: time, value: z.number() })),
      }),
    ),
    queries: z.object({ ...durations, statements: z.number(), errorRate: z.number() }),
    slowest: z.array(statement),
    /** Null where it cannot be read: then `reasons` say why. */
    storage: z
      .object({
        bytes: z.number(),
        freeBytes: z.number(),
        walBytes: z.number().nullable(),
        diskFreeBytes: z.number().nullable(),
        journalMode: z.string(),
      })
      .nullable(),
    cache: z
      .object({
        hits: z.number(),
        misses: z.number(),
        hitRatio: z.number().nullable(),
        bytes: z.number().nullable(),
        entries: z.number().nullable(),
        regions: z.array(
          z.object({ name: z.string(), hits: z.number(), misses: z.number(), hitRatio: z.number().nullable() }),
        ),
      })
      .nullable(),
    /** The last result of each kind. */
    checks: z.array(
      z.object({
        kind: z.string(),
        status: z.enum(['ok', 'failed', 'unsupported', 'unknown']),
        message: z.string(),
        startedAt: time,
        findings: z.array(z.object({ message: z.string(), hint: z.string() })),
      }),
    ),
    settings: z.array(
      z.object({ setting: z.string(), severity: z.enum(['WARNING', 'NOTE']), reason: z.string(), text: z.string() }),
    ),
    /** Those that the server has made, the newest first; each was read back and is sound. */
    backups: z.array(z.object({ name: z.string(), bytes: z.number(), at: time })),
    process: z.object({ rssBytes: z.number().nullable(), uptimeSeconds: z.number() }),
  })
  .openapi('Health');

/** A statement of `slowest`. */
export const analyze = z
  .object({ statement: z.string().min(1).max(100_000) })
  .strict()
  .openapi('Analyze');

/** How SQLite runs a statement, and the index that would help, proven on a copy. */
export const analysis = z
  .object({
    statement: z.string(),
    /** A line to a step, indented by its depth. */
    plan: z.array(z.string()),
    fullScans: z.array(z.string()),
    temporarySorts: z.array(z.string()),
    message: z.string(),
    advice: z.array(
      z.object({
        table: z.string(),
        sql: z.string(),
        command: z.string(),
        stepsBefore: z.number(),
        stepsAfter: z.number(),
        bytes: z.number(),
      }),
    ),
  })
  .openapi('Analysis');

/** The library as a whole, for the frame of the page. */
export const librarySummary = z
  .object({
    models: z.number().int(),
    unparsed: z.number().int(),
    missing: z.number().int(),
    favorites: z.number().int(),
    /** The 100 most used ones. */
    tags: z.array(z.object({ name: z.string(), models: z.number().int() })),
    status,
    /** Whether files can be uploaded; a server of its own has no folder here. */
    uploads: z.boolean(),
  })
  .openapi('LibrarySummary');

/**
 * The data of an event of `GET /api/events`, by its name. Events have ids; whoever comes back with `Last-Event-ID` gets what
 * was missed, or `resync`.
 */
export const events = {
  /** Something was committed, by whoever. `ids` null: anything may be other than it was. */
  change: z.object({ ids: z.array(modelId).nullable() }),
  /** How an import goes, at most five times a second. */
  import: importState,
  job,
  health: z.object({ status, reasons: z.array(z.string()) }),
  /** Ask for everything anew: events were missed. The first event of a connection that is new. */
  resync: z.object({}),
} as const;

/** The names of events. */
export type EventName = keyof typeof events;
/** What an event of that name carries. */
export type EventData<N extends EventName> = z.infer<(typeof events)[N]>;
/** A page of groups of equal models. */
export type Duplicates = z.infer<typeof duplicates>;
/** A page of models that want attention. */
export type WorkList = z.infer<typeof workList>;
/** An import without its files. */
export type ImportState = z.infer<typeof importState>;
/** An import with its files. */
export type ImportResult = z.infer<typeof importResult>;
/** A job. */
export type Job = z.infer<typeof job>;
/** How the library is. */
export type HealthPage = z.infer<typeof healthPage>;
/** What is known of a statement. */
export type Analysis = z.infer<typeof analysis>;
/** The library as a whole. */
export type LibrarySummary = z.infer<typeof librarySummary>;
