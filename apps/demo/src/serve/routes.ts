// Every route of the API: its path, what it takes, what it answers. The handlers are in the file of each topic; app.ts joins them.
// Long, because it is one list.
import { createRoute, z } from '@hono/zod-openapi';
import * as about from './contract.js';
import * as care from './contract-care.js';

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const body = <T extends z.ZodType>(schema: T) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});
const bytes = (description: string) => ({
  description,
  content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
});
const nothing = { description: 'Done' } as const;
const failure = {
  description: 'Why there is no other answer',
  content: { 'application/problem+json': { schema: about.problem } },
} as const;
const failing = { default: failure } as const;
const ofModel = z.object({ id: about.modelId });
const ofId = z.object({ id: z.string().max(100) });
const paged = z.object({
  after: z.string().max(4_000).optional(),
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/)
    .transform(Number)
    .openapi({ type: 'integer', minimum: 1, maximum: 100 })
    .optional(),
});

// Finding and looking.

/** The frame of the page. */
export const summary = createRoute({
  method: 'get',
  path: '/api/library',
  responses: { 200: json(care.librarySummary, 'The library as a whole'), ...failing },
});
/** A page of models, by words, filters and order. */
export const listModels = createRoute({
  method: 'get',
  path: '/api/models',
  request: { query: about.modelsQuery },
  responses: { 200: json(about.modelsPage, 'A page of models'), ...failing },
});
/** How many models pass words and filters: where the page of them only says "more than 500". */
export const countModels = createRoute({
  method: 'get',
  path: '/api/count',
  request: { query: about.countQuery },
  responses: { 200: json(about.modelCount, 'How many models there are'), ...failing },
});
/** Words that go on where the typed one ends. */
export const suggest = createRoute({
  method: 'get',
  path: '/api/suggestions',
  request: { query: z.object({ q: z.string().max(2_000) }) },
  responses: { 200: json(about.suggestions, 'Words that go on where the typed one ends'), ...failing },
});
/** Everything about one model. */
export const showModel = createRoute({
  method: 'get',
  path: '/api/models/{id}',
  request: { params: ofModel },
  responses: { 200: json(about.modelDetail, 'Everything about one model'), ...failing },
});
const versioned = z.object({ v: z.string().max(1_000).optional() });
/** The file of a model, whole or in ranges. */
export const modelFile = createRoute({
  method: 'get',
  path: '/api/models/{id}/file',
  // `v`: the content that is meant. With it the answer holds for ever.
  request: { params: ofModel, query: versioned },
  responses: {
    200: bytes('The file'),
    206: bytes('The part of it that `Range` asks for'),
    304: { description: 'It is as it was' },
    ...failing,
  },
});
/** What a glTF file is read with. */
export const modelResource = createRoute({
  method: 'get',
  path: '/api/models/{id}/resource',
  // A buffer or a picture that a glTF file names, beside it or below its folder.
  request: { params: ofModel, query: z.object({ name: z.string().min(1).max(1_000) }) },
  responses: {
    200: bytes('The file that the model is read with'),
    304: { description: 'It is as it was' },
    ...failing,
  },
});
/** The picture of a model. */
export const modelPicture = createRoute({
  method: 'get',
  path: '/api/models/{id}/picture',
  request: { params: ofModel, query: versioned },
  responses: { 200: bytes('A PNG or JPEG picture'), 304: { description: 'It is as it was' }, ...failing },
});

// Editing.

/** Changes of one model or several, all or none. */
export const postEdits = createRoute({
  method: 'post',
  path: '/api/edits',
  request: { body: body(about.edits) },
  responses: {
    200: json(about.edited, 'What the models are now, and the way back'),
    409: {
      description: 'Somebody has changed them meanwhile; nothing was written',
      content: { 'application/problem+json': { schema: about.conflict } },
    },
    ...failing,
  },
});
/** The collections in one place. */
export const listCollections = createRoute({
  method: 'get',
  path: '/api/collections',
  request: {
    query: z.object({ parent: z.string().max(36).optional(), inside: z.enum(['directly', 'all']).optional() }),
  },
  responses: {
    200: json(
      z.object({ items: z.array(about.collection), path: z.array(about.collection.pick({ id: true, name: true })) }),
      'The collections directly in `parent`, or at the top, or all inside, each behind its own, and the way there',
    ),
    ...failing,
  },
});
/** Makes a collection. */
export const createCollection = createRoute({
  method: 'post',
  path: '/api/collections',
  request: { body: body(about.collectionInput) },
  responses: { 201: json(z.object({ id: z.string() }), 'Made'), ...failing },
});
/** Renames or moves a collection. */
export const updateCollection = createRoute({
  method: 'patch',
  path: '/api/collections/{id}',
  request: { params: ofId, body: body(about.collectionInput.partial()) },
  responses: { 204: nothing, ...failing },
});
/** Removes a collection and those inside it; the models stay. */
export const deleteCollection = createRoute({
  method: 'delete',
  path: '/api/collections/{id}',
  request: { params: ofId },
  responses: { 204: nothing, ...failing },
});
/** The saved searches. */
export const listSearches = createRoute({
  method: 'get',
  path: '/api/searches',
  responses: { 200: json(z.object({ items: z.array(about.savedSearch) }), 'The saved searches'), ...failing },
});
const named = z.object({ name: z.string().min(1).max(200) });
/** Keeps a search under a name. */
export const saveSearch = createRoute({
  method: 'put',
  path: '/api/searches/{name}',
  request: { params: named, body: body(z.object({ query: z.string().max(8_000) }).strict()) },
  responses: { 200: json(about.savedSearch, 'Kept; one that had the name is replaced'), ...failing },
});
/** Removes a saved search. */
export const deleteSearch = createRoute({
  method: 'delete',
  path: '/api/searches/{name}',
  request: { params: named },
  responses: { 204: nothing, ...failing },
});

// Work lists.

/** What there is twice. */
export const listDuplicates = createRoute({
  method: 'get',
  path: '/api/duplicates',
  request: { query: paged },
  responses: { 200: json(care.duplicates, 'Groups of models with the same content'), ...failing },
});
/** What could not be measured. */
export const listProblems = createRoute({
  method: 'get',
  path: '/api/problems',
  request: { query: paged },
  responses: { 200: json(care.workList, 'Models that could not be measured'), ...failing },
});
/** What is gone. */
export const listMissing = createRoute({
  method: 'get',
  path: '/api/missing',
  request: { query: paged },
  responses: { 200: json(care.workList, 'Models whose files are gone'), ...failing },
});
/** Takes models out of the library. */
export const postForget = createRoute({
  method: 'post',
  path: '/api/forget',
  request: { body: body(care.forget) },
  responses: { 200: json(care.forgotten, 'Taken out of the library; no file was touched'), ...failing },
});
/** Takes a forgetting back. */
export const postRestore = createRoute({
  method: 'post',
  path: '/api/restore',
  request: { body: body(care.restore) },
  responses: { 200: json(z.object({ restored: z.array(about.modelId) }), 'They are back, as they were'), ...failing },
});
/** Reads files again. */
export const postRetry = createRoute({
  method: 'post',
  path: '/api/retry',
  request: { body: body(care.retry) },
  responses: { 202: json(care.begun, 'An import of these files alone'), ...failing },
});

// Imports.

/** Keeps a file in a folder of the library. */
export const postUpload = createRoute({
  method: 'post',
  path: '/api/uploads',
  request: {
    // A path such as `parts/gear.stl`: files that belong together stay together. The body is the file itself.
    query: z.object({ name: z.string().min(1).max(1_000) }),
    body: {
      content: { 'application/octet-stream': { schema: z.any().openapi({ type: 'string', format: 'binary' }) } },
    },
  },
  responses: { 201: json(care.uploaded, 'Kept in a folder of the library, and not imported yet'), ...failing },
});
/** Begins an import. */
export const postImport = createRoute({
  method: 'post',
  path: '/api/imports',
  request: { body: body(care.importRequest) },
  responses: { 202: json(care.begun, 'It goes on when the page is closed'), ...failing },
});
/** The imports since the server began. */
export const listImports = createRoute({
  method: 'get',
  path: '/api/imports',
  responses: { 200: json(care.imports, 'The imports since the server began'), ...failing },
});
/** One import, with its files. */
export const showImport = createRoute({
  method: 'get',
  path: '/api/imports/{id}',
  request: { params: ofId },
  responses: { 200: json(care.importResult, 'An import and what became of each file'), ...failing },
});
/** Ends an import after the batch under way. */
export const stopImport = createRoute({
  method: 'delete',
  path: '/api/imports/{id}',
  request: { params: ofId },
  responses: { 204: nothing, ...failing },
});

// Health.

/** How the library is. */
export const health = createRoute({
  method: 'get',
  path: '/api/health',
  request: { query: care.healthQuery },
  responses: { 200: json(care.healthPage, 'How the library is'), ...failing },
});
/** Notes that somebody has taken an alert on. */
export const acknowledge = createRoute({
  method: 'post',
  path: '/api/health/alerts/{id}/acknowledge',
  request: { params: ofId },
  responses: { 204: nothing, ...failing },
});
/** Looks at a slow statement. */
export const postAnalyze = createRoute({
  method: 'post',
  path: '/api/health/analyze',
  request: { body: body(care.analyze) },
  responses: { 200: json(care.analysis, 'How SQLite runs a statement, and what would help'), ...failing },
});
/** Begins a check, a maintenance or a backup. */
export const postJob = createRoute({
  method: 'post',
  path: '/api/jobs',
  request: { body: body(care.jobRequest) },
  responses: { 202: json(care.begun, 'Begun, or waiting for its turn'), ...failing },
});
/** The jobs since the server began. */
export const listJobs = createRoute({
  method: 'get',
  path: '/api/jobs',
  responses: { 200: json(care.jobs, 'The jobs since the server began'), ...failing },
});
/** The events, as they happen. */
export const listen = createRoute({
  method: 'get',
  path: '/api/events',
  request: { headers: z.object({ 'last-event-id': z.string().max(100).optional() }) },
  responses: {
    200: { description: 'Events as they happen', content: { 'text/event-stream': { schema: z.string() } } },
    ...failing,
  },
});

/** Logging in, where the server has a token. The page reads it from the fragment of its address (`#token=…`), or asks for it. */
export const login = createRoute({
  method: 'post',
  path: '/api/login',
  request: { body: body(z.object({ token: z.string().min(1).max(1_000) }).strict()) },
  responses: { 204: { description: 'The cookie of this answer stands for the token' }, ...failing },
});
