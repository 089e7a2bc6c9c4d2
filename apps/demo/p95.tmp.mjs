var __knownSymbol = (name, symbol) => (symbol = Symbol[name]) ? symbol : /* @__PURE__ */ Symbol.for("Symbol." + name);
var __typeError = (msg) => {
  throw TypeError(msg);
};
var __using = (stack, value, async) => {
  if (value != null) {
    if (typeof value !== "object" && typeof value !== "function") __typeError("Object expected");
    var dispose, inner;
    if (async) dispose = value[__knownSymbol("asyncDispose")];
    if (dispose === void 0) {
      dispose = value[__knownSymbol("dispose")];
      if (async) inner = dispose;
    }
    if (typeof dispose !== "function") __typeError("Object not disposable");
    if (inner) dispose = function() {
      try {
        inner.call(this);
      } catch (e) {
        return Promise.reject(e);
      }
    };
    stack.push([async, dispose, value]);
  } else if (async) {
    stack.push([async]);
  }
  return value;
};
var __callDispose = (stack, error, hasError) => {
  var E = typeof SuppressedError === "function" ? SuppressedError : function(e, s, m, _) {
    return _ = Error(m), _.name = "SuppressedError", _.error = e, _.suppressed = s, _;
  };
  var fail = (e) => error = hasError ? new E(e, error, "An error was suppressed during disposal") : (hasError = true, e);
  var next = (it) => {
    while (it = stack.pop()) {
      try {
        var result = it[1] && it[1].call(it[2]);
        if (it[0]) return Promise.resolve(result).then(next, (e) => (fail(e), next()));
      } catch (e) {
        fail(e);
      }
    }
    if (hasError) throw error;
  };
  return next();
};

// p95.mts
import "@cc/repositories";

// src/library.ts
import { openCacheManager } from "@cc/cache";
import { captureParameters, createHealthMonitor } from "@cc/health";
import { createMigrationManager } from "@cc/migrate";
import { createRepositories } from "@cc/repositories";
import { migrationsFolder, schema } from "@cc/schema";
import { isDatabaseError, openTransactionManager } from "@cc/tx";
import { sql } from "drizzle-orm";

// src/location.ts
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
async function makeFolderOf(url2) {
  const path = pathOf(url2);
  if (path !== void 0) await mkdir(dirname(path), { recursive: true });
}
function missingFile(url2) {
  const path = pathOf(url2);
  return path === void 0 || existsSync(path) ? null : path;
}
function pathOf(url2) {
  if (!isFile(url2)) return void 0;
  try {
    return url2.startsWith("file://") ? fileURLToPath(url2) : decodeURIComponent(url2.slice("file:".length));
  } catch {
    return void 0;
  }
}
function isFile(url2) {
  return url2.startsWith("file:") && url2 !== "file::memory:" && !url2.includes("?");
}

// src/library.ts
var LibraryNotReady = class extends Error {
  name = "LibraryNotReady";
};
async function openLibrary(url2, options = {}) {
  const { create = true, importCommand = "candy import <folder>" } = options;
  const none = (place2) => new LibraryNotReady(`There is no library at ${place2} yet: \`${importCommand}\` makes one.`);
  const isReplica = options.server?.syncUrl !== void 0;
  const missing2 = isReplica ? null : missingFile(url2);
  if (missing2 !== null && !create) throw none(missing2);
  if (create || isReplica) await makeFolderOf(url2);
  const parameterCapture = options.advice === true ? captureParameters() : void 0;
  const transactions = await openTransactionManager({
    ...{ url: url2, schema, pragmas, ...options.server },
    ...parameterCapture && { logger: parameterCapture }
  });
  try {
    const migrations = createMigrationManager(transactions, { folder: migrationsFolder });
    const look = () => standingOf(transactions, migrations, options.upCommand ?? "candy migrate up");
    const standing = await look();
    const isNew2 = standing === "empty";
    if (isNew2 && !create && transactions.capabilities.target !== "memory") throw none(url2.replace(/\?.*$/, ""));
    if (standing !== "whole") await makeWhole(migrations, look);
    const cache = await openCacheManager({ transactions, ...options.cache });
    const repositories = createRepositories(transactions, { cache });
    const health2 = createHealthMonitor(transactions, { cacheStats: () => cache.getCacheStats(), parameterCapture });
    await health2.startMonitoring();
    const close = async () => {
      await health2.stopMonitoring();
      await cache.close();
      await transactions.close();
    };
    return { transactions, migrations, repositories, cache, health: health2, [Symbol.asyncDispose]: close };
  } catch (error) {
    await transactions.close({ drainMs: 0 });
    throw error;
  }
}
var pragmas = { recursive_triggers: true };
async function standingOf(transactions, migrations, upCommand) {
  const { db } = transactions;
  const { applied, pending, problems } = await migrations.status();
  const [problem2] = problems;
  if (problem2 && applied.length > 0 && applied.every(({ version }) => missing(problems, version)))
    throw new LibraryNotReady(
      `The database is that of another program, whose migrations it has (${applied.map(({ version }) => version).join(", ")}): choose another with --url or CANDY_URL.`
    );
  if (problem2 && pending.length === 0 && problems.every(({ version }) => missing(problems, version)))
    throw new LibraryNotReady(
      `The library is newer than this program, which does not have ${problems.map(({ version }) => version).join(", ")}: use the newer program.`
    );
  if (problem2) throw new LibraryNotReady(`${problem2.message}. ${problem2.hint}.`);
  if (pending.length === 0) return "whole";
  if (applied.length > 0) {
    if (await isBeingMade(db, migrations)) return "begun";
    const names = pending.map(({ version }) => version).join(", ");
    throw new LibraryNotReady(`The library is behind this program: run \`${upCommand}\` to apply ${names}.`);
  }
  if (!await holdsTables(db)) return "empty";
  if (await migrations.getCurrentVersion() !== null) return await standingOf(transactions, migrations, upCommand);
  throw new LibraryNotReady(
    `The database holds other tables than a library's: choose another file, or run \`${upCommand}\` to add them.`
  );
}
function missing(problems, version) {
  return problems.some((problem2) => problem2.kind === "missing" && problem2.version === version);
}
async function makeWhole(migrations, look) {
  do {
    try {
      await migrations.applyMigrations();
    } catch (error) {
      if (!isDatabaseError(error) || error.code !== "MIGRATION_LOCK_LOST") throw error;
    }
  } while (await look() !== "whole");
}
async function holdsTables(db) {
  const tables = sql`select 1 from sqlite_schema where type = 'table' and name not glob 'sqlite_*' and name not glob '__*'`;
  return await db.get(sql`${tables} limit 1`) !== void 0;
}
async function isBeingMade(db, migrations) {
  if ((await migrations.history()).some(({ direction }) => direction === "down")) return false;
  for (const table of filled) {
    const isThere = await db.get(sql`select 1 from sqlite_schema where type = 'table' and name = ${table}`);
    if (isThere !== void 0 && await db.get(sql`select 1 from ${sql.identifier(table)} limit 1`) !== void 0)
      return false;
  }
  return true;
}
var filled = ["models", "tags", "collections", "saved_searches"];

// src/serve/server.ts
import { randomBytes as randomBytes2 } from "node:crypto";
import { once } from "node:events";
import { mkdir as mkdir4, readdir as readdir4, unlink as unlink2 } from "node:fs/promises";
import { isIP as isIP2 } from "node:net";
import { join as join8 } from "node:path";
import { fileURLToPath as fileURLToPath2 } from "node:url";
import { createAdaptorServer } from "@hono/node-server";

// src/serve/app.ts
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";

// src/serve/editing.ts
import { collectionModels, models as modelsTable } from "@cc/schema";
import { and, eq, inArray, sql as sql2 } from "drizzle-orm";

// src/serve/problem.ts
import { isDatabaseError as isDatabaseError2 } from "@cc/tx/errors";
import { OpenAPIHono } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
var Refused = class extends Error {
  name = "Refused";
  status;
  code;
  /** What the document carries besides. */
  more;
  constructor(status2, code, detail, more = {}) {
    super(detail);
    this.status = status2;
    this.code = code;
    this.more = more;
  }
};
function notFound(what) {
  return new Refused(
    404,
    "NOT_FOUND",
    `${what} is not in the library. It may have been removed meanwhile: look again.`
  );
}
function topic() {
  return new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.target, result.error);
    }
  });
}
function invalid(target, error) {
  const [issue] = error.issues;
  const place2 = [target, ...issue?.path ?? []].map(String).join(".");
  return new Refused(400, "INVALID", `${place2}: ${issue?.message ?? "is not as described"}. See /api/openapi.json.`);
}
async function asked(call) {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TypeError) throw new Refused(400, "INVALID", error.message);
    throw error;
  }
}
function problemResponse(error) {
  const { status: status2, code, detail, more } = refusalOf(error);
  const body2 = { type: "about:blank", title: titles[status2] ?? "Refused", status: status2, detail, code, ...more };
  return new Response(JSON.stringify(body2), {
    status: status2,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...status2 === 503 && { "retry-after": "1" }
    }
  });
}
function refusalOf(error) {
  if (error instanceof Refused)
    return { status: error.status, code: error.code, detail: error.message, more: error.more };
  const more = {};
  if (error instanceof HTTPException)
    return {
      status: error.status,
      code: "INVALID",
      detail: "The request cannot be read: send well-formed JSON.",
      more
    };
  if (isDatabaseError2(error)) {
    const { code, type, hint } = error;
    const status2 = byCode[code] ?? byType[type];
    if (status2 !== void 0) return { status: status2, code, detail: `${sentences[status2]} ${hint}`.trim(), more };
  }
  const detail = "Something went wrong here, and nothing was changed. Try again; if it comes again, see the health page.";
  return { status: 500, code: "INTERNAL", detail, more };
}
var byCode = {
  VERSION_CONFLICT: 409,
  DUPLICATE_FILE_PATH: 409,
  DUPLICATE_FILE_HASH: 409,
  DUPLICATE_ID: 409,
  DUPLICATE_TAG: 409,
  DUPLICATE_COLLECTION: 409,
  DUPLICATE_METADATA_KEY: 409,
  COLLECTION_CYCLE: 409,
  MODEL_NOT_FOUND: 404,
  COLLECTION_NOT_FOUND: 404,
  SAVED_SEARCH_NOT_FOUND: 404
};
var byType = {
  lock: 503,
  overload: 503,
  connection: 503,
  timeout: 503,
  closed: 503,
  aborted: 503,
  auth: 503,
  readonly: 409,
  full: 507
};
var sentences = {
  404: "It is not in the library.",
  409: "It is not possible as the library is now.",
  503: "The library does not answer at the moment.",
  507: "The disk is full."
};
var titles = {
  400: "Bad request",
  401: "Log in first",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  415: "Unsupported content type",
  416: "Range not satisfiable",
  421: "Wrong host",
  422: "Not possible",
  429: "Too many attempts",
  500: "Failed",
  503: "Unavailable",
  507: "Disk full"
};

// src/serve/routes.ts
import { createRoute, z as z3 } from "@hono/zod-openapi";

// src/serve/contract.ts
import { z } from "@hono/zod-openapi";
var formats = z.enum([
  "stl",
  "obj",
  "ply",
  "3mf",
  "glb",
  "gltf",
  "step",
  "off",
  "amf",
  "iges",
  "fbx",
  "dae",
  "3ds",
  "blend",
  "wrl",
  "x3d",
  "scad",
  "gcode",
  "f3d",
  "lys",
  "other"
]);
var statuses = z.enum(["active", "archived", "missing"]);
var parseStatuses = z.enum(["pending", "parsed", "unparsed"]);
var units = z.enum(["micron", "millimeter", "centimeter", "inch", "foot", "meter"]);
var modelId = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/).openapi({ format: "uuid" });
var time = z.iso.datetime({ precision: 3 });
var text = z.string().max(1e3);
var cursor = z.string().max(4e3);
var problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  /** For programs: `INVALID`, `NOT_FOUND`, `CONFLICT`, `FORBIDDEN`, or the code of a DatabaseError. */
  code: z.string()
}).openapi("Problem");
var number = z.string().regex(/^-?\d{1,16}(\.\d{1,9})?$/).transform(Number).openapi({ type: "number" });
var boolean = z.enum(["true", "false"]).transform((value) => value === "true").openapi({ type: "boolean" });
var date = z.union([z.iso.datetime(), z.iso.date()]).transform((value) => new Date(value)).openapi({ type: "string", format: "date-time" });
var many = (one) => z.union([one, z.array(one).max(100)]).transform((value) => Array.isArray(value) ? value : [value]);
var whole = (least, most2) => z.string().regex(/^\d{1,7}$/).transform(Number).pipe(z.number().min(least).max(most2)).openapi({ type: "integer", minimum: least, maximum: most2 });
var filterQuery = z.object({
  formats: many(formats).optional(),
  statuses: many(statuses).optional(),
  parseStatuses: many(parseStatuses).optional(),
  tagsAll: many(z.string().max(200)).optional(),
  tagsAny: many(z.string().max(200)).optional(),
  tagsNone: many(z.string().max(200)).optional(),
  createdFrom: date.optional(),
  createdTo: date.optional(),
  minTriangles: number.optional(),
  maxTriangles: number.optional(),
  minFileSize: number.optional(),
  maxFileSize: number.optional(),
  minRating: number.optional(),
  maxRating: number.optional(),
  favorite: boolean.optional(),
  printed: boolean.optional(),
  printedFrom: date.optional(),
  printedTo: date.optional(),
  author: text.optional(),
  license: text.optional()
});
var modelsQuery = filterQuery.extend({
  /** Words, as `docs/search.md` has them. */
  q: z.string().max(2e3).optional(),
  /** Conditions on metadata (`MetadataCriteria`) as JSON. */
  metadata: z.string().max(1e4).optional(),
  /** The models of one collection: alone, or with `nested`. */
  collection: z.string().max(36).optional(),
  nested: boolean.optional(),
  /** Default `relevance`: the best hit first, without words the newest model. */
  sort: z.enum(["relevance", "added", "createdAt", "name", "printedAt"]).optional(),
  direction: z.enum(["asc", "desc"]).optional(),
  /** The `next` of the page before, of the same query. */
  after: cursor.optional(),
  /** Default 50. */
  limit: whole(1, 100).optional(),
  /** Whether the first page tells how the models divide. */
  facets: boolean.optional()
}).strict();
var parts = z.array(z.object({ text: z.string(), match: z.boolean() }));
var highlight = z.object({ name: parts, fileName: parts, description: parts, tags: parts }).openapi("Highlight");
var modelCard = z.object({
  id: modelId,
  version: z.number().int(),
  name: z.string(),
  fileName: z.string(),
  format: formats,
  fileSize: z.number().int(),
  status: statuses,
  parseStatus: parseStatuses,
  rating: z.number().int().nullable(),
  favorite: z.boolean(),
  printedAt: time.nullable(),
  createdAt: time,
  updatedAt: time,
  triangles: z.number().int().nullable(),
  /** The sides of the box along x, y and z, in `unit`; null where nothing was measured. */
  size: z.tuple([z.number(), z.number(), z.number()]).nullable(),
  /** Null when the file names none. */
  unit: units.nullable(),
  tags: z.array(z.string()),
  /** Holds for this content for ever. 404 where there is no picture. */
  pictureUrl: z.string(),
  highlight: highlight.nullable()
}).openapi("ModelCard");
var counts = z.array(z.object({ value: z.string(), models: z.number().int() }));
var modelsPage = z.object({
  items: z.array(modelCard),
  next: z.string().nullable(),
  /** Null on later pages, and where counting costs too much: by metadata, in nested collections. */
  total: z.object({ models: z.number().int(), exact: z.boolean() }).nullable(),
  facets: z.object({
    formats: counts,
    tags: counts,
    years: counts,
    licenses: counts,
    /** How many models were counted. */
    models: z.number().int(),
    exact: z.boolean()
  }).nullable(),
  /** Did you mean: nothing matched the query, and these are the hits of this one. */
  corrected: z.string().nullable(),
  /** `some`: no model has all words. */
  matching: z.enum(["all", "some"])
}).openapi("ModelsPage");
var suggestions = z.object({ items: z.array(z.object({ text: z.string(), word: z.string(), models: z.number().int() })) }).openapi("Suggestions");
var json = z.any().openapi({ description: "Any JSON value" });
var modelDetail = modelCard.extend({
  description: z.string().nullable(),
  filePath: z.string(),
  fileHash: z.string(),
  fileModifiedAt: time.nullable(),
  author: z.string().nullable(),
  license: z.string().nullable(),
  sourceUrl: z.string().nullable(),
  /** Why nothing was measured. */
  parseError: z.string().nullable(),
  vertices: z.number().int().nullable(),
  volume: z.number().nullable(),
  min: z.tuple([z.number(), z.number(), z.number()]).nullable(),
  max: z.tuple([z.number(), z.number(), z.number()]).nullable(),
  /** Holds for this content for ever. */
  fileUrl: z.string(),
  metadata: z.array(
    z.object({ key: z.string(), type: z.enum(["text", "number", "boolean", "null", "json"]), value: json })
  ),
  /** `path`: the names from the top to the collection itself. */
  collections: z.array(z.object({ id: z.string(), name: z.string(), path: z.array(z.string()) })),
  /** Models of the library whose files lie in the same folder, at most 100. */
  beside: z.array(z.object({ id: modelId, name: z.string(), fileName: z.string(), format: formats })),
  /** Other models with the same content. */
  equal: z.array(z.object({ id: modelId, name: z.string(), filePath: z.string(), status: statuses })),
  /** What is kept of its past, the latest first. */
  history: z.array(z.object({ at: time, what: z.enum(["added", "changed", "printed", "file written"]) }))
}).openapi("ModelDetail");
var editable = z.object({
  name: z.string().min(1).max(500),
  description: z.string().max(1e5).nullable(),
  author: text.nullable(),
  license: text.nullable(),
  sourceUrl: z.string().max(4096).nullable(),
  rating: z.number().int().min(0).max(5).nullable(),
  favorite: z.boolean(),
  status: z.enum(["active", "archived"]),
  printedAt: time.nullable()
}).partial().strict().openapi("Editable");
var key = z.string().min(1).max(200);
var tagNames = z.array(z.string().min(1).max(200)).max(100);
var collectionId = z.string().max(36);
var edit = z.object({
  id: modelId,
  ifVersion: z.number().int().positive().optional(),
  set: editable.optional(),
  /** Null is a value like any other; `remove` takes keys away. */
  metadata: z.object({ set: z.record(key, json), remove: z.array(key).max(1e3) }).partial().strict().optional(),
  tags: z.object({ add: tagNames, remove: tagNames }).partial().strict().optional(),
  /** `position`: the place that an undo puts it back to; default behind the others. */
  collections: z.object({
    add: z.array(z.object({ id: collectionId, position: z.number().int().optional() }).strict()).max(100),
    remove: z.array(collectionId).max(100)
  }).partial().strict().optional()
}).strict().openapi("Edit");
var edits = z.object({ edits: z.array(edit).min(1).max(1e3) }).strict().openapi("Edits");
var edited = z.object({
  versions: z.array(z.object({ id: modelId, version: z.number().int() })),
  undo: z.array(edit)
}).openapi("Edited");
var conflict = problem.extend({
  conflicts: z.array(
    z.object({
      id: modelId,
      /** Null: it is not in the library any more. */
      name: z.string().nullable(),
      version: z.number().int().nullable(),
      /** What was to be written and what is there, where they differ. Metadata is named `metadata.<key>`. */
      fields: z.array(z.object({ field: z.string(), yours: json, theirs: json }))
    })
  )
}).openapi("Conflict");
var collection = z.object({
  id: z.string(),
  parentId: z.string().nullable(),
  name: z.string(),
  description: z.string().nullable(),
  models: z.number().int(),
  collections: z.number().int()
}).openapi("Collection");
var collectionInput = z.object({
  name: z.string().min(1).max(500),
  parentId: collectionId.nullable().optional(),
  description: z.string().max(1e5).nullable().optional()
}).strict().openapi("CollectionInput");
var savedSearch = z.object({ name: z.string(), query: z.string(), createdAt: time, lastUsedAt: time.nullable() }).openapi("SavedSearch");

// src/serve/contract-care.ts
import { z as z2 } from "@hono/zod-openapi";
var duplicates = z2.object({
  groups: z2.array(z2.object({ fileHash: z2.string(), models: z2.array(modelCard.extend({ filePath: z2.string() })) })),
  next: z2.string().nullable()
}).openapi("Duplicates");
var workList = z2.object({
  items: z2.array(modelCard.extend({ filePath: z2.string(), reason: z2.string() })),
  next: z2.string().nullable(),
  total: z2.number().int()
}).openapi("WorkList");
var forget = z2.object({ ids: z2.array(modelId).min(1).max(1e3), present: z2.boolean().optional() }).strict().openapi("Forget");
var forgotten = z2.object({ forgotten: z2.array(modelId), undo: z2.string() }).openapi("Forgotten");
var restore = z2.object({ undo: z2.string().max(100) }).strict().openapi("Restore");
var retry = z2.object({ ids: z2.array(modelId).min(1).max(1e3) }).strict().openapi("Retry");
var importRequest = z2.union([
  z2.object({
    folder: z2.string().min(1).max(4096),
    retry: z2.boolean().optional(),
    tagsFromFolders: z2.boolean().optional(),
    emptied: z2.boolean().optional()
  }).strict(),
  z2.object({ uploads: z2.array(z2.string().max(1e3)).min(1).max(1e4) }).strict()
]).openapi("ImportRequest");
var uploaded = z2.object({ upload: z2.string(), bytes: z2.number().int() }).openapi("Uploaded");
var begun = z2.object({ id: z2.string() }).openapi("Begun");
var outcomes = ["new", "changed", "unchanged", "moved", "duplicate", "unparsed", "unreadable", "missing"];
var state = z2.enum(["queued", "running", "done", "failed", "stopped"]);
var importState = z2.object({
  id: z2.string(),
  /** `queued` while another one runs. `stopped`: somebody ended it; what was read up to then is in the library. */
  state,
  /** What is imported: a path, or how many files were uploaded or are read again. */
  what: z2.string(),
  done: z2.number().int(),
  /** Null before the folders are walked. */
  total: z2.number().int().nullable(),
  /** So far. */
  counts: z2.partialRecord(z2.enum(outcomes), z2.number().int()),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  /** Why it failed. */
  problem: z2.string().nullable()
}).openapi("ImportState");
var imports = z2.object({ items: z2.array(importState) }).openapi("Imports");
var importResult = importState.extend({
  files: z2.array(z2.object({ path: z2.string(), outcome: z2.enum(outcomes), reason: z2.string().nullable() })),
  /** More files than are listed. */
  more: z2.number().int()
}).openapi("ImportResult");
var jobRequest = z2.object({ kind: z2.enum(["check", "maintenance", "backup"]) }).strict().openapi("JobRequest");
var job = z2.object({
  id: z2.string(),
  kind: z2.enum(["check", "maintenance", "backup"]),
  state,
  /** 0 to 1; null where it is not known. */
  progress: z2.number().nullable(),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  /** What came of it, a line to a step. */
  lines: z2.array(z2.string()),
  problem: z2.string().nullable()
}).openapi("Job");
var jobs = z2.object({ items: z2.array(job) }).openapi("Jobs");
var status = z2.enum(["OK", "WARNING", "CRITICAL", "UNKNOWN"]);
var advice = z2.object({ text: z2.string(), sql: z2.string().optional(), command: z2.string().optional() });
var alert = z2.object({
  id: z2.string(),
  rule: z2.string(),
  state: z2.enum(["pending", "firing", "resolved"]),
  severity: z2.enum(["WARNING", "CRITICAL"]),
  reason: z2.string(),
  advice: advice.nullable(),
  startedAt: time,
  acknowledged: z2.object({ at: time, by: z2.string().nullable() }).nullable()
}).openapi("Alert");
var durations = {
  calls: z2.number(),
  errors: z2.number(),
  totalMs: z2.number(),
  meanMs: z2.number(),
  p50Ms: z2.number(),
  p95Ms: z2.number(),
  p99Ms: z2.number(),
  maxMs: z2.number()
};
var statement = z2.object({
  statement: z2.string(),
  ...durations,
  /** Part of the time of all statements, 0 to 1. */
  share: z2.number(),
  rows: z2.number(),
  labels: z2.array(z2.string()),
  plan: z2.array(z2.string()).nullable(),
  fullScans: z2.array(z2.string()).nullable()
}).openapi("Statement");
var healthPage = z2.object({
  status,
  asOf: time,
  /** One sentence for each thing that is not as it should be, the worst first. */
  reasons: z2.array(z2.string()),
  alerts: z2.array(alert),
  recommendations: z2.array(advice.extend({ reason: z2.string() })),
  /** The last readings, a line of a chart each. */
  charts: z2.array(
    z2.object({
      title: z2.string(),
      unit: z2.enum(["count", "seconds", "bytes", "ratio"]),
      points: z2.array(z2.object({ at: time, value: z2.number() }))
    })
  ),
  queries: z2.object({ ...durations, statements: z2.number(), errorRate: z2.number() }),
  slowest: z2.array(statement),
  /** Null where it cannot be read: then `reasons` say why. */
  storage: z2.object({
    bytes: z2.number(),
    freeBytes: z2.number(),
    walBytes: z2.number().nullable(),
    diskFreeBytes: z2.number().nullable(),
    journalMode: z2.string()
  }).nullable(),
  cache: z2.object({
    hits: z2.number(),
    misses: z2.number(),
    hitRatio: z2.number().nullable(),
    bytes: z2.number().nullable(),
    entries: z2.number().nullable(),
    regions: z2.array(
      z2.object({ name: z2.string(), hits: z2.number(), misses: z2.number(), hitRatio: z2.number().nullable() })
    )
  }).nullable(),
  /** The last result of each kind. */
  checks: z2.array(
    z2.object({
      kind: z2.string(),
      status: z2.enum(["ok", "failed", "unsupported", "unknown"]),
      message: z2.string(),
      startedAt: time,
      findings: z2.array(z2.object({ message: z2.string(), hint: z2.string() }))
    })
  ),
  settings: z2.array(
    z2.object({ setting: z2.string(), severity: z2.enum(["WARNING", "NOTE"]), reason: z2.string(), text: z2.string() })
  ),
  /** Those that the server has made, the newest first; each was read back and is sound. */
  backups: z2.array(z2.object({ name: z2.string(), bytes: z2.number(), at: time })),
  process: z2.object({ rssBytes: z2.number(), uptimeSeconds: z2.number() })
}).openapi("Health");
var analyze = z2.object({ statement: z2.string().min(1).max(1e5) }).strict().openapi("Analyze");
var analysis = z2.object({
  statement: z2.string(),
  /** A line to a step, indented by its depth. */
  plan: z2.array(z2.string()),
  fullScans: z2.array(z2.string()),
  temporarySorts: z2.array(z2.string()),
  message: z2.string(),
  advice: z2.array(
    z2.object({
      table: z2.string(),
      sql: z2.string(),
      command: z2.string(),
      stepsBefore: z2.number(),
      stepsAfter: z2.number(),
      bytes: z2.number()
    })
  )
}).openapi("Analysis");
var librarySummary = z2.object({
  models: z2.number().int(),
  unparsed: z2.number().int(),
  missing: z2.number().int(),
  favorites: z2.number().int(),
  /** The 100 most used ones. */
  tags: z2.array(z2.object({ name: z2.string(), models: z2.number().int() })),
  status,
  /** Whether files can be uploaded; a server of its own has no folder here. */
  uploads: z2.boolean()
}).openapi("LibrarySummary");
var events = {
  /** Something was committed, by whoever. `ids` null: anything may be other than it was. */
  change: z2.object({ ids: z2.array(modelId).nullable() }),
  /** How an import goes, at most five times a second. */
  import: importState,
  job,
  health: z2.object({ status, reasons: z2.array(z2.string()) }),
  /** Ask for everything anew: events were missed. The first event of a connection that is new. */
  resync: z2.object({})
};

// src/serve/routes.ts
var json2 = (schema2, description) => ({
  description,
  content: { "application/json": { schema: schema2 } }
});
var body = (schema2) => ({
  required: true,
  content: { "application/json": { schema: schema2 } }
});
var bytes = (description) => ({
  description,
  content: { "application/octet-stream": { schema: z3.string().openapi({ format: "binary" }) } }
});
var nothing = { description: "Done" };
var failure = {
  description: "Why there is no other answer",
  content: { "application/problem+json": { schema: problem } }
};
var failing = { default: failure };
var ofModel = z3.object({ id: modelId });
var ofId = z3.object({ id: z3.string().max(100) });
var paged = z3.object({
  after: z3.string().max(4e3).optional(),
  limit: z3.string().regex(/^(?:[1-9]\d?|100)$/).transform(Number).openapi({ type: "integer", minimum: 1, maximum: 100 }).optional()
});
var summary = createRoute({
  method: "get",
  path: "/api/library",
  responses: { 200: json2(librarySummary, "The library as a whole"), ...failing }
});
var listModels = createRoute({
  method: "get",
  path: "/api/models",
  request: { query: modelsQuery },
  responses: { 200: json2(modelsPage, "A page of models"), ...failing }
});
var suggest = createRoute({
  method: "get",
  path: "/api/suggestions",
  request: { query: z3.object({ q: z3.string().max(2e3) }) },
  responses: { 200: json2(suggestions, "Words that go on where the typed one ends"), ...failing }
});
var showModel = createRoute({
  method: "get",
  path: "/api/models/{id}",
  request: { params: ofModel },
  responses: { 200: json2(modelDetail, "Everything about one model"), ...failing }
});
var versioned = z3.object({ v: z3.string().max(1e3).optional() });
var modelFile = createRoute({
  method: "get",
  path: "/api/models/{id}/file",
  // `v`: the content that is meant. With it the answer holds for ever.
  request: { params: ofModel, query: versioned },
  responses: {
    200: bytes("The file"),
    206: bytes("The part of it that `Range` asks for"),
    304: { description: "It is as it was" },
    ...failing
  }
});
var modelResource = createRoute({
  method: "get",
  path: "/api/models/{id}/resource",
  // A buffer or a picture that a glTF file names, beside it or below its folder.
  request: { params: ofModel, query: z3.object({ name: z3.string().min(1).max(1e3) }) },
  responses: {
    200: bytes("The file that the model is read with"),
    304: { description: "It is as it was" },
    ...failing
  }
});
var modelPicture = createRoute({
  method: "get",
  path: "/api/models/{id}/picture",
  request: { params: ofModel, query: versioned },
  responses: { 200: bytes("A PNG or JPEG picture"), 304: { description: "It is as it was" }, ...failing }
});
var postEdits = createRoute({
  method: "post",
  path: "/api/edits",
  request: { body: body(edits) },
  responses: {
    200: json2(edited, "What the models are now, and the way back"),
    409: {
      description: "Somebody has changed them meanwhile; nothing was written",
      content: { "application/problem+json": { schema: conflict } }
    },
    ...failing
  }
});
var listCollections = createRoute({
  method: "get",
  path: "/api/collections",
  request: { query: z3.object({ parent: z3.string().max(36).optional() }) },
  responses: {
    200: json2(
      z3.object({ items: z3.array(collection), path: z3.array(collection.pick({ id: true, name: true })) }),
      "The collections directly in `parent`, or at the top, and the way there"
    ),
    ...failing
  }
});
var createCollection = createRoute({
  method: "post",
  path: "/api/collections",
  request: { body: body(collectionInput) },
  responses: { 201: json2(z3.object({ id: z3.string() }), "Made"), ...failing }
});
var updateCollection = createRoute({
  method: "patch",
  path: "/api/collections/{id}",
  request: { params: ofId, body: body(collectionInput.partial()) },
  responses: { 204: nothing, ...failing }
});
var deleteCollection = createRoute({
  method: "delete",
  path: "/api/collections/{id}",
  request: { params: ofId },
  responses: { 204: nothing, ...failing }
});
var listSearches = createRoute({
  method: "get",
  path: "/api/searches",
  responses: { 200: json2(z3.object({ items: z3.array(savedSearch) }), "The saved searches"), ...failing }
});
var named = z3.object({ name: z3.string().min(1).max(200) });
var saveSearch = createRoute({
  method: "put",
  path: "/api/searches/{name}",
  request: { params: named, body: body(z3.object({ query: z3.string().max(8e3) }).strict()) },
  responses: { 200: json2(savedSearch, "Kept; one that had the name is replaced"), ...failing }
});
var deleteSearch = createRoute({
  method: "delete",
  path: "/api/searches/{name}",
  request: { params: named },
  responses: { 204: nothing, ...failing }
});
var listDuplicates = createRoute({
  method: "get",
  path: "/api/duplicates",
  request: { query: paged },
  responses: { 200: json2(duplicates, "Groups of models with the same content"), ...failing }
});
var listProblems = createRoute({
  method: "get",
  path: "/api/problems",
  request: { query: paged },
  responses: { 200: json2(workList, "Models that could not be measured"), ...failing }
});
var listMissing = createRoute({
  method: "get",
  path: "/api/missing",
  request: { query: paged },
  responses: { 200: json2(workList, "Models whose files are gone"), ...failing }
});
var postForget = createRoute({
  method: "post",
  path: "/api/forget",
  request: { body: body(forget) },
  responses: { 200: json2(forgotten, "Taken out of the library; no file was touched"), ...failing }
});
var postRestore = createRoute({
  method: "post",
  path: "/api/restore",
  request: { body: body(restore) },
  responses: { 200: json2(z3.object({ restored: z3.array(modelId) }), "They are back, as they were"), ...failing }
});
var postRetry = createRoute({
  method: "post",
  path: "/api/retry",
  request: { body: body(retry) },
  responses: { 202: json2(begun, "An import of these files alone"), ...failing }
});
var postUpload = createRoute({
  method: "post",
  path: "/api/uploads",
  request: {
    // A path such as `parts/gear.stl`: files that belong together stay together. The body is the file itself.
    query: z3.object({ name: z3.string().min(1).max(1e3) }),
    body: {
      content: { "application/octet-stream": { schema: z3.any().openapi({ type: "string", format: "binary" }) } }
    }
  },
  responses: { 201: json2(uploaded, "Kept in a folder of the library, and not imported yet"), ...failing }
});
var postImport = createRoute({
  method: "post",
  path: "/api/imports",
  request: { body: body(importRequest) },
  responses: { 202: json2(begun, "It goes on when the page is closed"), ...failing }
});
var listImports = createRoute({
  method: "get",
  path: "/api/imports",
  responses: { 200: json2(imports, "The imports since the server began"), ...failing }
});
var showImport = createRoute({
  method: "get",
  path: "/api/imports/{id}",
  request: { params: ofId },
  responses: { 200: json2(importResult, "An import and what became of each file"), ...failing }
});
var stopImport = createRoute({
  method: "delete",
  path: "/api/imports/{id}",
  request: { params: ofId },
  responses: { 204: nothing, ...failing }
});
var health = createRoute({
  method: "get",
  path: "/api/health",
  responses: { 200: json2(healthPage, "How the library is"), ...failing }
});
var acknowledge = createRoute({
  method: "post",
  path: "/api/health/alerts/{id}/acknowledge",
  request: { params: ofId },
  responses: { 204: nothing, ...failing }
});
var postAnalyze = createRoute({
  method: "post",
  path: "/api/health/analyze",
  request: { body: body(analyze) },
  responses: { 200: json2(analysis, "How SQLite runs a statement, and what would help"), ...failing }
});
var postJob = createRoute({
  method: "post",
  path: "/api/jobs",
  request: { body: body(jobRequest) },
  responses: { 202: json2(begun, "Begun, or waiting for its turn"), ...failing }
});
var listJobs = createRoute({
  method: "get",
  path: "/api/jobs",
  responses: { 200: json2(jobs, "The jobs since the server began"), ...failing }
});
var listen = createRoute({
  method: "get",
  path: "/api/events",
  request: { headers: z3.object({ "last-event-id": z3.string().max(100).optional() }) },
  responses: {
    200: { description: "Events as they happen", content: { "text/event-stream": { schema: z3.string() } } },
    ...failing
  }
});
var login = createRoute({
  method: "post",
  path: "/api/login",
  request: { body: body(z3.object({ token: z3.string().min(1).max(1e3) }).strict()) },
  responses: { 204: { description: "The cookie of this answer stands for the token" }, ...failing }
});

// src/serve/editing.ts
function editingRoutes(serving) {
  return topic().openapi(postEdits, async (c) => c.json(await applyEdits(serving, c.req.valid("json").edits), 200));
}
async function applyEdits({ library: library2, feed }, edits2) {
  const { transactions, repositories } = library2;
  const ids = [...new Set(edits2.map(({ id }) => id))];
  return await feed.changing(
    (told) => transactions.transaction(
      async () => {
        const before = await repositories.models.readMany(ids);
        await refuseConflicts(library2, edits2, before);
        const undo = [];
        for (const edit2 of edits2) undo.unshift(await apply(library2, edit2));
        const after2 = await repositories.models.readMany(ids);
        const versionOf = (id) => after2.get(id)?.version ?? 0;
        told(ids);
        return {
          versions: ids.map((id) => ({ id, version: versionOf(id) })),
          undo: undo.map((edit2) => isVersioned(edit2) ? { ...edit2, ifVersion: versionOf(edit2.id) } : edit2)
        };
      },
      { label: "edit" }
    )
  );
}
function isVersioned({ set, metadata }) {
  return set !== void 0 || metadata !== void 0;
}
async function refuseConflicts(library2, edits2, before) {
  const conflicts = [];
  for (const edit2 of edits2) {
    const id = edit2.id;
    const model = before.get(id) ?? null;
    if (model === null) conflicts.push({ id, name: null, version: null, fields: [] });
    else if (edit2.ifVersion !== void 0 && edit2.ifVersion !== model.version) {
      const fields = await differencesOf(library2, edit2, model);
      conflicts.push({ id, name: model.name, version: model.version, fields });
    }
  }
  if (conflicts.length === 0) return;
  const detail = "Somebody has changed these models meanwhile. Nothing was written: look at both values and choose.";
  throw new Refused(409, "CONFLICT", detail, { conflicts });
}
async function differencesOf({ repositories }, { set = {}, metadata = {} }, model) {
  const values = await repositories.metadata.getMetadata(model.id);
  const pairs = [
    ...Object.entries(set).map(([field, yours]) => [
      field,
      yours ?? null,
      valueOf(model, field)
    ]),
    ...Object.entries(metadata.set ?? {}).map(([key2, yours]) => [
      `metadata.${key2}`,
      yours,
      Object.hasOwn(values, key2) ? values[key2] ?? null : null
    ]),
    ...(metadata.remove ?? []).flatMap(
      (key2) => Object.hasOwn(values, key2) ? [[`metadata.${key2}`, null, values[key2] ?? null]] : []
    )
  ];
  return pairs.filter(([, yours, theirs]) => JSON.stringify(yours) !== JSON.stringify(theirs)).map(([field, yours, theirs]) => ({ field, yours, theirs }));
}
function valueOf(model, field) {
  const value = Reflect.get(model, field);
  return value instanceof Date ? value.toISOString() : value;
}
async function apply(library2, { id: given3, set, metadata, tags, collections }) {
  const { repositories } = library2;
  const id = given3;
  const undo = { id };
  if (set !== void 0 || metadata !== void 0) {
    const model = await repositories.models.read(id);
    if (model === null) throw new Refused(409, "CONFLICT", "The model was removed meanwhile. Nothing was written.");
    await asked(() => repositories.models.update(id, patchOf(set ?? {}, model)));
    if (set !== void 0) {
      undo.set = Object.fromEntries(Object.keys(set).map((field) => [field, valueOf(model, field)]));
    }
  }
  if (metadata !== void 0) undo.metadata = await applyMetadata(library2, id, metadata);
  if (tags !== void 0) undo.tags = await applyTags(library2, id, tags);
  if (collections !== void 0) undo.collections = await applyCollections(library2, id, collections);
  return undo;
}
function patchOf({ name, printedAt, ...fields }, model) {
  if (fields.status !== void 0 && model.status === "missing")
    throw new Refused(
      422,
      "MISSING",
      "The file of the model is gone: find it with an import, or forget the model. Nothing was written."
    );
  return {
    ...fields,
    name: name ?? model.name,
    ...printedAt !== void 0 && { printedAt: printedAt === null ? null : new Date(printedAt) }
  };
}
async function applyMetadata({ repositories: { metadata } }, id, { set = {}, remove = [] }) {
  const before = await metadata.getMetadata(id);
  const removed = remove.filter((key2) => Object.hasOwn(before, key2));
  for (const key2 of removed) await metadata.deleteMetadata(id, key2);
  await asked(() => metadata.updateMetadata(id, set));
  const touched = [.../* @__PURE__ */ new Set([...Object.keys(set), ...removed])];
  return {
    set: Object.fromEntries(
      touched.filter((key2) => Object.hasOwn(before, key2)).map((key2) => [key2, before[key2] ?? null])
    ),
    remove: touched.filter((key2) => !Object.hasOwn(before, key2))
  };
}
async function applyTags({ repositories }, id, { add = [], remove = [] }) {
  const { search, tags } = repositories;
  const before = new Set(await tags.getTags(id));
  for (const name of remove) await asked(() => search.untag(id, name));
  for (const name of add) await asked(() => search.tag(id, name));
  const after2 = new Set(await tags.getTags(id));
  return {
    add: [...before].filter((name) => !after2.has(name)),
    remove: [...after2].filter((name) => !before.has(name))
  };
}
async function applyCollections(library2, id, { add = [], remove = [] }) {
  const { collections } = library2.repositories;
  const before = await placesOf(library2, id);
  for (const collection2 of remove) await asked(() => collections.removeModels(collection2, [id]));
  for (const { id: collection2, position } of add) {
    await asked(() => collections.addModels(collection2, [id]));
    if (position !== void 0) await putAt(library2, { id, collection: collection2, position });
  }
  const after2 = await placesOf(library2, id);
  return {
    add: [...before].filter(([place2]) => !after2.has(place2)).map(([place2, position]) => ({ id: place2, position })),
    remove: [...after2.keys()].filter((place2) => !before.has(place2))
  };
}
async function placesOf({ transactions: { db } }, id) {
  const rows = await db.select({ collection: collectionModels.collectionId, position: collectionModels.position }).from(collectionModels).innerJoin(modelsTable, eq(modelsTable.seq, collectionModels.modelSeq)).where(eq(modelsTable.id, id));
  return new Map(rows.map(({ collection: collection2, position }) => [collection2, position]));
}
async function putAt({ transactions: { db } }, { id, collection: collection2, position }) {
  const seq = db.select({ seq: modelsTable.seq }).from(modelsTable).where(eq(modelsTable.id, id));
  await db.update(collectionModels).set({ position: sql2`${position}` }).where(and(eq(collectionModels.collectionId, collection2), inArray(collectionModels.modelSeq, seq)));
}

// src/serve/events.ts
var heartbeatMs = 15e3;
var mostListeners = 200;
var mostUnread = 1 << 20;
function eventRoutes({ feed }) {
  return topic().openapi(listen, (c) => {
    if (feed.listeners >= mostListeners)
      throw new Refused(503, "OVERLOAD", "Too many pages are open: close some of them.");
    const { "last-event-id": lastId } = c.req.valid("header");
    const encoder = new TextEncoder();
    let end = () => {
    };
    const body2 = new ReadableStream(
      {
        start(controller) {
          const send = (text2) => {
            controller.enqueue(encoder.encode(text2));
            if ((controller.desiredSize ?? 0) < 0) close();
          };
          const heartbeat = setInterval(() => send(": still here\n\n"), heartbeatMs).unref();
          let isOpen = true;
          end = () => {
            isOpen = false;
            clearInterval(heartbeat);
            leave();
          };
          const close = () => {
            if (!isOpen) return;
            end();
            controller.close();
          };
          let leave = () => {
          };
          send("retry: 1000\n\n");
          leave = feed.listen(
            lastId,
            ({ id, name, data }) => send(`id: ${id}
event: ${name}
data: ${data}

`),
            close
          );
          if (!isOpen) leave();
        },
        cancel: () => end()
      },
      new ByteLengthQueuingStrategy({ highWaterMark: mostUnread })
    );
    return new Response(body2, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" }
    });
  });
}

// src/serve/model-card.ts
async function cardsOf({ repositories: { tags } }, models2, highlights = /* @__PURE__ */ new Map()) {
  const tagsOf = await tags.getTagsOfMany(models2.map(({ id }) => id));
  return models2.map((model) => cardOf(model, tagsOf.get(model.id) ?? [], highlights.get(model.id) ?? null));
}
function cardOf(model, tags, highlight2 = null) {
  const { id, version, name, fileName, format, fileSize, status: status2, parseStatus, rating, favorite, triangles, unit } = model;
  const { min, max } = boxOf(model);
  const size = min === null || max === null ? null : sidesOf(min, max);
  return {
    ...{ id, version, name, fileName, format, fileSize, status: status2, parseStatus, rating, favorite, triangles, unit, size },
    printedAt: model.printedAt?.toISOString() ?? null,
    createdAt: model.createdAt.toISOString(),
    updatedAt: model.updatedAt.toISOString(),
    tags: [...tags],
    pictureUrl: addressOf(model, "picture"),
    highlight: highlight2 && {
      name: [...highlight2.name],
      fileName: [...highlight2.fileName],
      description: [...highlight2.description],
      tags: [...highlight2.tags]
    }
  };
}
function addressOf({ id, fileHash }, what) {
  return `/api/models/${id}/${what}?v=${encodeURIComponent(fileHash)}`;
}
function boxOf({ minX, minY, minZ, maxX, maxY, maxZ }) {
  if (minX === null || minY === null || minZ === null) return { min: null, max: null };
  if (maxX === null || maxY === null || maxZ === null) return { min: null, max: null };
  return { min: [minX, minY, minZ], max: [maxX, maxY, maxZ] };
}
function sidesOf([minX, minY, minZ], [maxX, maxY, maxZ]) {
  return [maxX - minX, maxY - minY, maxZ - minZ];
}

// src/serve/finding.ts
function findingRoutes({ library: library2, folders }) {
  const { models: models2, tags, search } = library2.repositories;
  return topic().openapi(
    summary,
    async (c) => c.json(
      {
        models: await models2.count(),
        unparsed: await models2.count({ parseStatuses: ["unparsed"] }),
        missing: await models2.count({ statuses: ["missing"] }),
        favorites: await models2.count({ favorite: true }),
        tags: [...await tags.listTags({ limit: 100 })],
        status: library2.health.getCurrentHealthStatus().status,
        uploads: folders.uploads !== null
      },
      200
    )
  ).openapi(listModels, async (c) => c.json(await pageOf(library2, c.req.valid("query")), 200)).openapi(
    suggest,
    async (c) => c.json({ items: [...await search.getSearchSuggestions(c.req.valid("query").q)] }, 200)
  ).openapi(
    listSearches,
    async (c) => c.json({ items: (await search.getSavedSearches()).map((saved) => savedSearchOf(saved)) }, 200)
  ).openapi(saveSearch, async (c) => {
    const { name } = c.req.valid("param");
    const { q, filter } = parseAddress(c.req.valid("json").query);
    return c.json(savedSearchOf(await asked(() => search.saveSearch(name, q, filter))), 200);
  }).openapi(deleteSearch, async (c) => {
    if (!await asked(() => search.deleteSavedSearch(c.req.valid("param").name))) throw notFound("The saved search");
    return c.body(null, 204);
  });
}
async function pageOf(library2, query) {
  const {
    q = "",
    metadata,
    collection: collection2,
    nested,
    sort = "relevance",
    direction,
    after: after2,
    limit = 50,
    facets,
    ...filter
  } = query;
  if (collection2 !== void 0) {
    const others = [q !== "", metadata !== void 0, sort !== "relevance", Object.keys(filter).length > 0];
    if (others.includes(true))
      throw new Refused(
        400,
        "INVALID",
        "A collection is shown whole and in its own order: leave out words, filters and sort."
      );
    return await pageOfCollection(library2, collection2, { nested, after: after2, limit });
  }
  if (nested !== void 0) throw new Refused(400, "INVALID", "`nested` belongs to `collection`.");
  if (metadata === void 0 && sort === "relevance") {
    if (direction !== void 0) throw new Refused(400, "INVALID", "The best hit is always first: give a `sort` too.");
    return await ranked(library2, { q, filter, after: after2, limit, facets });
  }
  return await listed(library2, {
    ...{ q, filter, after: after2, limit, facets },
    sort: sort === "relevance" ? void 0 : { by: sort, direction },
    metadata: metadata === void 0 ? void 0 : criteriaOf(metadata)
  });
}
async function ranked(library2, { q, filter, after: after2, limit, facets }) {
  const { search, models: models2 } = library2.repositories;
  const found = await asked(() => search.searchModels(q, filter, { limit, after: after2, facets, highlight: true }));
  const total = after2 !== void 0 ? null : q.trim() === "" && !found.totalIsExact ? { models: await models2.count(filter), exact: true } : { models: found.total, exact: found.totalIsExact };
  return {
    items: await cardsOf(
      library2,
      found.hits.map(({ model }) => model),
      new Map(found.hits.map(({ model, highlight: highlight2 }) => [model.id, highlight2]))
    ),
    next: found.next,
    total,
    facets: facetsOf(found),
    corrected: found.corrected,
    matching: found.matching
  };
}
async function listed(library2, { q, filter, after: after2, limit, facets, sort, metadata }) {
  const { search, models: models2 } = library2.repositories;
  const words2 = q.trim() === "" ? void 0 : q;
  const page = await asked(() => models2.search({ ...filter, text: words2, metadata }, { sort, limit, after: after2 }));
  const isFirst = after2 === void 0 && metadata === void 0;
  const found = isFirst && (facets === true || words2 !== void 0) ? await asked(() => search.searchModels(q, filter, { limit: 1, facets })) : null;
  const isWhole = found !== null && found.corrected === null && found.matching === "all";
  return {
    items: await cardsOf(library2, page.items),
    next: page.next,
    total: !isFirst ? null : words2 === void 0 ? { models: await models2.count(filter), exact: true } : found !== null && isWhole ? { models: found.total, exact: found.totalIsExact } : { models: page.items.length, exact: page.next === null },
    facets: isWhole ? facetsOf(found) : null,
    // A list has what was asked for and nothing near it.
    corrected: null,
    matching: "all"
  };
}
async function pageOfCollection(library2, id, {
  nested,
  after: after2,
  limit
}) {
  const { collections } = library2.repositories;
  if (await asked(() => collections.read(id)) === null) throw notFound("The collection");
  const page = await asked(() => collections.modelsOf(id, { nested, after: after2, limit }));
  return {
    items: await cardsOf(library2, page.items),
    next: page.next,
    total: null,
    facets: null,
    corrected: null,
    matching: "all"
  };
}
function facetsOf({ facets }) {
  if (facets === null) return null;
  const { formats: formats2, tags, years, licenses, models: models2, exact } = facets;
  return { formats: [...formats2], tags: [...tags], years: [...years], licenses: [...licenses], models: models2, exact };
}
function criteriaOf(json3) {
  try {
    return JSON.parse(json3);
  } catch {
    throw new Refused(400, "INVALID", "query.metadata: must be JSON.");
  }
}
function parseAddress(address) {
  const given3 = new URLSearchParams(address);
  const known = Object.keys(filterQuery.shape).filter((name) => given3.has(name));
  const values = Object.fromEntries(known.map((name) => [name, oneOrMany(given3.getAll(name))]));
  const parsed = filterQuery.safeParse(values);
  if (!parsed.success)
    throw new Refused(400, "INVALID", `query: ${parsed.error.issues[0]?.message ?? "is no address"}`);
  return { q: given3.get("q") ?? "", filter: parsed.data };
}
function oneOrMany(values) {
  const [only, ...others] = values;
  return only !== void 0 && others.length === 0 ? only : values;
}
function savedSearchOf(saved) {
  const address = new URLSearchParams();
  if (saved.query !== "") address.set("q", saved.query);
  for (const [name2, value] of Object.entries(saved.filters)) {
    for (const one of Array.isArray(value) ? value : [value]) address.append(name2, textOf(one));
  }
  const { name, createdAt, lastUsedAt } = saved;
  return {
    name,
    query: address.toString(),
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null
  };
}
function textOf(value) {
  return value instanceof Date ? value.toISOString() : String(value);
}

// src/serve/health.ts
import { honoHealthHandler } from "@cc/health";
function healthRoutes(serving) {
  const { library: library2, jobs: jobs2 } = serving;
  const monitor = library2.health;
  return topic().openapi(health, async (c) => c.json(await healthOf(serving), 200)).openapi(acknowledge, (c) => {
    if (!monitor.acknowledgeAlert(c.req.valid("param").id, { by: "the page" })) throw notFound("Such an alert");
    return c.body(null, 204);
  }).openapi(postAnalyze, async (c) => {
    const found = await asked(
      () => monitor.analyzeQuery(c.req.valid("json").statement, { signal: c.req.raw.signal })
    );
    const { statement: statement2, plan, fullScans, temporarySorts, message, advice: advice2 } = found;
    return c.json(
      {
        ...{
          statement: statement2,
          message,
          plan: linesOf(plan),
          fullScans: [...fullScans],
          temporarySorts: [...temporarySorts]
        },
        advice: advice2.map(({ table, sql: sql3, command, stepsBefore, stepsAfter, bytes: bytes2 }) => ({
          ...{ table, sql: sql3, command, stepsBefore, stepsAfter, bytes: bytes2 }
        }))
      },
      200
    );
  }).openapi(postJob, (c) => c.json({ id: jobs2.add(c.req.valid("json").kind) }, 202)).openapi(listJobs, (c) => c.json({ items: [...jobs2.list()] }, 200));
}
function probeRoutes({ library: library2 }) {
  const answer2 = honoHealthHandler(library2.health);
  return topic().get("/healthz", (c) => c.text("ok\n", 200, { "cache-control": "no-store" })).get("/readyz", answer2).get("/metrics", answer2);
}
async function healthOf({ library: library2, jobs: jobs2 }) {
  const report = await library2.health.generateHealthReport();
  const { queries, storage, cache, process: own } = report;
  return {
    status: report.status,
    asOf: report.generatedAt.toISOString(),
    reasons: [...report.reasons],
    alerts: report.alerts.map(alertOf),
    recommendations: report.recommendations.map(({ reason, ...advice2 }) => ({ reason, ...adviceOf(advice2) })),
    charts: report.charts.map(({ title, unit, points }) => ({
      ...{ title, unit },
      points: points.map(({ at, value }) => ({ at: at.toISOString(), value }))
    })),
    queries: { ...durationsOf(queries), statements: queries.statements, errorRate: queries.recent.errorRate },
    slowest: queries.slowest.map(({ statement: statement2, share, rows, labels, plan, fullScans, ...durations2 }) => ({
      ...{ statement: statement2, share, rows },
      ...durationsOf(durations2),
      labels: labels.map(({ label }) => label),
      plan: plan && [...plan],
      fullScans: fullScans && [...fullScans]
    })),
    storage: storage.readable ? {
      bytes: storage.bytes,
      freeBytes: storage.freePages * storage.pageSize,
      walBytes: storage.walBytes,
      diskFreeBytes: storage.disk?.freeBytes ?? null,
      journalMode: storage.journalMode
    } : null,
    cache: cache && {
      ...{
        hits: cache.hits,
        misses: cache.misses,
        hitRatio: cache.hitRatio,
        bytes: cache.bytes,
        entries: cache.entries
      },
      regions: Object.entries(cache.regions).map(([name, { hits, misses, hitRatio }]) => ({
        name,
        hits,
        misses,
        hitRatio
      }))
    },
    checks: report.checks.map(({ kind, status: status2, message, startedAt, findings }) => ({
      ...{ kind, status: status2, message, startedAt: startedAt.toISOString() },
      findings: findings.map(({ message: what, hint }) => ({ message: what, hint }))
    })),
    settings: (report.settings ?? []).map(({ setting, severity, reason, text: text2 }) => ({
      setting,
      severity,
      reason,
      text: text2
    })),
    backups: await jobs2.backups(),
    process: { rssBytes: own.rssBytes, uptimeSeconds: own.uptimeMs / 1e3 }
  };
}
function alertOf(alert2) {
  const { id, rule, state: state2, severity, reason, advice: advice2, startedAt, acknowledged } = alert2;
  return {
    ...{ id, rule, state: state2, severity, reason, advice: advice2 && adviceOf(advice2), startedAt: startedAt.toISOString() },
    acknowledged: acknowledged && { at: acknowledged.at.toISOString(), by: acknowledged.by }
  };
}
function adviceOf({ text: text2, sql: sql3, command }) {
  return { text: text2, ...sql3 !== void 0 && { sql: sql3 }, ...command !== void 0 && { command } };
}
function durationsOf({ calls, errors, totalMs, meanMs, p50Ms, p95Ms, p99Ms, maxMs }) {
  return { calls, errors, totalMs, meanMs, p50Ms, p95Ms, p99Ms, maxMs };
}
function linesOf(plan, depth = 0) {
  return plan.flatMap(({ detail, children }) => [`${"  ".repeat(depth)}${detail}`, ...linesOf(children, depth + 1)]);
}

// src/serve/importing.ts
import { stat as stat2 } from "node:fs/promises";
import { isAbsolute, join as join3 } from "node:path";

// src/serve/uploads.ts
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir as mkdir2, open, stat, unlink } from "node:fs/promises";
import { dirname as dirname2, extname, join as join2, sep } from "node:path";
var mostUploadBytes = 4 * 1024 ** 3;
var mostDepth = 8;
var mostNames = 1e3;
function safeName(name) {
  const parts2 = name.normalize("NFC").toWellFormed().split(/[/\\]/).map(safePart).filter((part) => part !== "");
  if (parts2.length === 0) throw new Refused(400, "INVALID", "query.name: give the file a name, such as gear.stl.");
  return parts2.slice(-mostDepth).join("/");
}
function safePart(part) {
  const plain = part.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd<>:"|?*]/gu, "").replace(/^[. ]+|[. ]+$/g, "");
  const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(plain) ? `_${plain}` : plain;
  const ending = extname(reserved).slice(0, 20);
  let stem = reserved.slice(0, reserved.length - ending.length);
  while (Buffer.byteLength(stem) > 180) stem = Array.from(stem).slice(0, -1).join("");
  return stem + ending;
}
async function keepUpload(folder, name, body2, { signal, announced }) {
  const safe = safeName(name);
  const tooLarge = new Refused(
    413,
    "TOO_LARGE",
    `A file may have ${mostUploadBytes} bytes: import its folder instead.`
  );
  if (announced > mostUploadBytes) throw tooLarge;
  const wanted = join2(folder, ...safe.split("/"));
  await mkdir2(dirname2(wanted), { recursive: true });
  const part = join2(folder, `.${randomUUID()}.part`);
  try {
    const { bytes: bytes2, hash } = await write(part, body2, signal, tooLarge);
    const path = await place(part, wanted, hash);
    return {
      upload: path.slice(folder.length + 1).split(sep).join("/"),
      bytes: bytes2
    };
  } finally {
    await unlink(part);
  }
}
async function write(path, body2, signal, tooLarge) {
  const hash = createHash("sha256");
  let bytes2 = 0;
  const file = await open(path, "wx");
  try {
    for await (const chunk3 of body2 ?? []) {
      signal.throwIfAborted();
      bytes2 += chunk3.length;
      if (bytes2 > mostUploadBytes) throw tooLarge;
      hash.update(chunk3);
      await file.writeFile(chunk3);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes: bytes2, hash: hash.digest("hex") };
}
async function place(part, wanted, hash) {
  const ending = extname(wanted);
  for (let n = 1; n <= mostNames; n += 1) {
    const path = n === 1 ? wanted : `${wanted.slice(0, wanted.length - ending.length)} (${n})${ending}`;
    try {
      await link(part, path);
      return path;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    if ((await stat(path)).isFile() && await hashOf(path) === hash) return path;
  }
  throw new Refused(409, "NAME_TAKEN", "Too many files have this name: give it another one.");
}
async function hashOf(path) {
  const hash = createHash("sha256");
  for await (const chunk3 of createReadStream(path)) hash.update(chunk3);
  return hash.digest("hex");
}

// src/serve/importing.ts
function importingRoutes({ imports: imports2, folders }) {
  const uploads = () => {
    if (folders.uploads !== null) return folders.uploads;
    throw new Refused(
      409,
      "NO_UPLOADS",
      "This library lies on another server and keeps no files: import a folder instead."
    );
  };
  return topic().openapi(postUpload, async (c) => {
    const { body: body2, signal, headers: headers2 } = c.req.raw;
    if (headers2.get("content-type") !== "application/octet-stream")
      throw new Refused(415, "INVALID", "Send the file itself, as application/octet-stream.");
    const kept = await keepUpload(uploads(), c.req.valid("query").name, body2, {
      signal,
      announced: Number(headers2.get("content-length") ?? 0)
    });
    return c.json(kept, 201);
  }).openapi(postImport, async (c) => {
    const wanted = c.req.valid("json");
    if ("folder" in wanted) {
      const { folder, ...options } = wanted;
      await refuseNoFolder(folder);
      return c.json({ id: imports2.add({ paths: [folder], what: folder, options: given(options) }) }, 202);
    }
    const names = [...new Set(wanted.uploads.map(safeName))];
    const paths = names.map((name) => join3(uploads(), name));
    for (const path of paths) if (!await isFile2(path)) throw notFound("One of the uploaded files");
    return c.json({ id: imports2.add({ paths, what: `${paths.length} uploaded files` }) }, 202);
  }).openapi(listImports, (c) => c.json({ items: [...imports2.list()] }, 200)).openapi(showImport, (c) => {
    const found = imports2.read(c.req.valid("param").id);
    if (found === null) throw notFound("Such an import");
    return c.json(found, 200);
  }).openapi(stopImport, (c) => {
    if (!imports2.stop(c.req.valid("param").id)) throw notFound("Such an import");
    return c.body(null, 204);
  });
}
function given(options) {
  return Object.fromEntries(
    Object.entries(options).filter((entry) => entry[1] !== void 0)
  );
}
async function refuseNoFolder(folder) {
  if (!isAbsolute(folder) || folder.includes("\0"))
    throw new Refused(400, "INVALID", "Name the folder by its whole path, such as /models/printed.");
  try {
    if ((await stat2(folder)).isDirectory()) return;
  } catch {
  }
  throw new Refused(404, "NO_FOLDER", "There is no such folder on the machine that the server runs on.");
}
async function isFile2(path) {
  try {
    return (await stat2(path)).isFile();
  } catch {
    return false;
  }
}

// src/serve/model-files.ts
import { open as open3, realpath } from "node:fs/promises";
import { dirname as dirname4, extname as extname2, isAbsolute as isAbsolute2, relative as relative2, resolve as resolve2, sep as sep2 } from "node:path";

// src/serve/library-file.ts
import { createHash as createHash2 } from "node:crypto";
import { open as open2 } from "node:fs/promises";

// src/importing/file-stamp.ts
import { dirname as dirname3 } from "node:path";
import { textLimits } from "@cc/schema/validation";
import { z as z4 } from "zod";

// src/geometry/reader.ts
import { existsSync as existsSync2 } from "node:fs";
import { basename } from "node:path";

// src/geometry/format.ts
var modelFormats = Object.freeze([
  "stl",
  "obj",
  "ply",
  "3mf",
  "glb",
  "gltf",
  "step",
  "off",
  "amf",
  "iges",
  "fbx",
  "dae",
  "3ds",
  "blend",
  "wrl",
  "x3d",
  "scad",
  "gcode",
  "f3d",
  "lys"
]);
var formatHeadBytes = 4096;
function formatOf(fileName, head, fileSize) {
  if (/\.(?:ifc|ifczip|stpnc|blend\d+)$/i.test(fileName)) return null;
  return formatOfBytes(head, fileSize) ?? formatOfName(fileName);
}
var extensions = Object.freeze({
  ...Object.fromEntries(modelFormats.map((format) => [format, format])),
  stp: "step",
  igs: "iges",
  vrml: "wrl",
  gco: "gcode",
  bgcode: "gcode",
  lyt: "lys"
});
var textSignatures = [
  [/^ply[\n\r](?:[^\n\r]*[\n\r])*?format /, "ply"],
  [/^\s*solid\b[^\n\r]*[\n\r]\s*(?:facet\s+normal|endsolid)\b/i, "stl"],
  [
    /^(?:[ \t]*(?:#[^\n\r]*)?[\n\r])*(?:ST|C|N|4|n)*OFF(?:[ \t]*(?:#[^\n\r]*)?[\n\r])*[ \t]*\d+[ \t]+\d+[ \t]+\d+\s/,
    "off"
  ],
  // The same exchange format carries buildings (IFC) and other things that are no 3D models of this kind.
  [/^ISO-10303-21;(?![\s\S]*FILE_SCHEMA\s*\(\s*\(\s*'(?:IFC|STEP_?NC|ISO_?13584))/i, "step"],
  [/^(?:<\?xml[^>]*>)?\s*(?:<!--(?:(?!-->).)*-->\s*)*<amf[\s>]/s, "amf"],
  [/^Kaydara FBX Binary/, "fbx"],
  [/^BLENDER/, "blend"],
  [/^#VRML V/, "wrl"],
  [/^glTF/, "glb"]
];
function formatOfBytes(head, fileSize) {
  if (fileSize !== void 0 && fileSize > 84 && fileSize === binaryStlBytes(head)) return "stl";
  const text2 = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, formatHeadBytes)).toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "");
  if (text2.startsWith("PK") && text2.includes("3D/3dmodel.model")) return "3mf";
  return textSignatures.find(([signature]) => signature.test(text2))?.[1] ?? null;
}
function formatOfName(fileName) {
  const extension = /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? "";
  const format = Object.hasOwn(extensions, extension) ? extensions[extension] : void 0;
  return format ?? null;
}
function binaryStlBytes(head) {
  if (head.byteLength < 84) return 0;
  return 84 + 50 * new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(80, true);
}

// src/geometry/options.ts
import { refuseUnknownOptions } from "@cc/tx/known-options";
var geometryReaderDefaults = Object.freeze({
  timeoutMs: 3e4,
  silenceMs: 6e5,
  maxMemoryBytes: 320 * 1024 * 1024
});
var keys = ["timeoutMs", "silenceMs", "timer", "maxMemoryBytes", "childEntry"];
var leastMemoryBytes = 96 * 1024 * 1024;
function withDefaults(o) {
  refuseUnknownOptions("openGeometryReader", o, keys);
  const { timeoutMs, silenceMs, maxMemoryBytes } = { ...geometryReaderDefaults, ...given2(o) };
  if (!(timeoutMs > 0)) throw new TypeError("timeoutMs must be more than 0");
  if (!(silenceMs > 0)) throw new TypeError("silenceMs must be more than 0");
  if (!(maxMemoryBytes >= leastMemoryBytes)) throw new TypeError(`maxMemoryBytes must be at least ${leastMemoryBytes}`);
  return { timeoutMs, silenceMs, maxMemoryBytes, timer: o.timer ?? systemTimer };
}
var systemTimer = (ring, ms) => {
  const timer = setTimeout(ring, ms);
  return () => clearTimeout(timer);
};
function given2({
  timeoutMs,
  silenceMs,
  maxMemoryBytes
}) {
  return {
    ...timeoutMs !== void 0 && { timeoutMs },
    ...silenceMs !== void 0 && { silenceMs },
    ...maxMemoryBytes !== void 0 && { maxMemoryBytes }
  };
}

// src/geometry/reader-process.ts
import { fork } from "node:child_process";
async function startReaderProcess(entry, { maxMemoryBytes, timeoutMs }) {
  const child = fork(entry, [String(maxMemoryBytes), String(timeoutMs)], {
    // Files of strangers are parsed in there: it gets no secrets from the environment and no terminal to write to.
    env: process.env.SystemRoot === void 0 ? {} : { SystemRoot: process.env.SystemRoot },
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"]
  });
  const reading = new RunningProcess(child);
  if (await reading.isReady) return reading;
  throw new Error(
    `The geometry reader could not start its process ${entry.pathname}. Build the app, or name another childEntry.`
  );
}
var RunningProcess = class {
  isFresh = true;
  isReady;
  #child;
  #gone;
  #cause = null;
  /** Tells the read that is under way. A reaction to `#gone` for each file would stay for the life of the process. */
  #onGone = () => {
  };
  #id = 0;
  constructor(child) {
    this.#child = child;
    this.#gone = new Promise((resolve3) => {
      child.once("exit", (code, signal) => resolve3(signal ?? `exit code ${code}`));
      child.once("error", (error) => resolve3(error.message));
    });
    void this.#gone.then((cause) => {
      this.#cause = cause;
      this.#onGone(cause);
    });
    const ready = new Promise((resolve3) => {
      child.once("message", (message) => resolve3(message.type === "ready"));
    });
    this.isReady = Promise.race([ready, this.#gone.then(() => false)]);
  }
  async read(paths, wants, o) {
    this.isFresh = false;
    this.#id += 1;
    const end = await this.#firstEnd({ id: this.#id, paths, wants }, o);
    if (end.type !== "readings") await this.kill();
    return end;
  }
  async kill() {
    this.#child.kill("SIGKILL");
    await this.#gone;
  }
  async #firstEnd(request, { silenceMs, timer, signal }) {
    const child = this.#child;
    const format = null;
    const settled2 = new AbortController();
    try {
      return await new Promise((resolve3) => {
        const onMessage = (message) => {
          if (message.type === "ready" || message.id !== request.id) return;
          resolve3(message);
        };
        child.on("message", onMessage);
        settled2.signal.addEventListener("abort", () => child.off("message", onMessage));
        if (Number.isFinite(silenceMs)) {
          const stop = timer(() => resolve3({ type: "silence", format }), silenceMs);
          settled2.signal.addEventListener("abort", stop);
        }
        const onAbort = () => resolve3({ type: "aborted", format });
        signal?.addEventListener("abort", onAbort, { signal: settled2.signal });
        if (signal?.aborted) onAbort();
        this.#onGone = (cause) => resolve3({ type: "exit", format, cause });
        if (this.#cause !== null) this.#onGone(this.#cause);
        child.send(request, () => {
        });
      });
    } finally {
      settled2.abort();
      this.#onGone = () => {
      };
    }
  }
};

// src/geometry/file-beside.ts
import { statSync } from "node:fs";
import { relative, resolve } from "node:path";
function fileBeside(folder, path) {
  const whole2 = resolve(folder, path);
  const name = relative(folder, whole2);
  const stats = lookAt(whole2);
  if (stats === null) return { name, size: null, modifiedMs: null, changedMs: null };
  return { name, size: stats.size, modifiedMs: stats.mtimeMs, changedMs: stats.ctimeMs };
}
function lookAt(path) {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

// src/geometry/geometry.ts
var readerVersion = 2;

// src/geometry/reader.ts
async function openGeometryReader(o = {}) {
  const limits = withDefaults(o);
  const entry = o.childEntry ?? defaultEntry();
  const start = async () => await startReaderProcess(entry, limits);
  return new ProcessGeometryReader(await start(), start, limits);
}
var ProcessGeometryReader = class {
  #process;
  #start;
  #limits;
  #closing = new AbortController();
  #lastTurn = Promise.resolve();
  constructor(first2, start, limits) {
    this.#process = first2;
    this.#start = start;
    this.#limits = limits;
  }
  async read(path, o = {}) {
    const [reading] = await this.#inTurn(o.signal, async (signal) => await this.#readNow([path], "figures", signal));
    if (reading === void 0) throw new Error("The geometry reader made no answer.");
    return reading.result;
  }
  async readMany(paths, o = {}) {
    return await this.#inTurn(o.signal, async (signal) => await this.#readNow(paths, "both", signal));
  }
  async #inTurn(given3, work2) {
    const stop = new AbortController();
    const signal = stop.signal;
    const unlink3 = [this.#closing.signal, ...given3 === void 0 ? [] : [given3]].map((source) => link2(source, stop));
    const before = this.#lastTurn;
    let endTurn = () => {
    };
    const turn = new Promise((resolve3) => {
      endTurn = resolve3;
    });
    this.#lastTurn = before.then(async () => await turn);
    try {
      await unlessAborted(before, signal);
      return await work2(signal);
    } finally {
      endTurn();
      for (const end of unlink3) end();
    }
  }
  async close() {
    this.#closing.abort(new Error("The geometry reader is closed."));
    await this.#lastTurn;
    await this.#process?.kill();
    this.#process = null;
  }
  async [Symbol.asyncDispose]() {
    await this.close();
  }
  async #readNow(paths, wants, signal) {
    for (; ; ) {
      this.#process ??= await this.#start();
      const { isFresh } = this.#process;
      const silenceMs = this.#limits.silenceMs * paths.length;
      const end = await this.#process.read(paths, wants, { silenceMs, timer: this.#limits.timer, signal });
      if (end.type !== "readings") this.#process = null;
      if (end.type === "aborted") signal.throwIfAborted();
      if (end.type === "readings") return await this.#recycled(end);
      if (paths.length > 1) return await this.#readEach(paths, wants, signal);
      if (end.type === "timeout" || end.type === "silence" || isFresh) {
        const [path = ""] = paths;
        return [await this.#refused(path, wants, end, signal)];
      }
    }
  }
  /** One of them ended the process: by itself, each shows whether it was it. */
  async #readEach(paths, wants, signal) {
    const readings = [];
    for (const path of paths) readings.push(...await this.#readNow([path], wants, signal));
    return readings;
  }
  async #recycled(end) {
    if (end.rssBytes > this.#limits.maxMemoryBytes / 2) {
      await this.#process?.kill();
      this.#process = null;
    }
    return end.readings;
  }
  /** The file stays in the library with the reason, so its print is taken all the same. */
  async #refused(path, wants, end, signal) {
    const format = end.format ?? formatOf(basename(path), new Uint8Array());
    const isPassing = end.type !== "memory" && end.type !== "timeout";
    const result = { status: "unparsed", format, reason: this.#reason(end), ...isPassing && { isPassing } };
    if (wants === "both") {
      const [printed] = await this.#readNow([path], "prints", signal);
      if (printed !== void 0) return { ...printed, result };
    }
    return { result, print: null, problem: result.reason, beside: [] };
  }
  #reason(end) {
    if (end.type === "timeout") return `takes longer to read than ${this.#limits.timeoutMs} ms`;
    if (end.type === "silence") return `made its reader silent for ${this.#limits.silenceMs} ms`;
    if (end.type === "memory") {
      return `takes more memory to read than ${Math.floor(this.#limits.maxMemoryBytes / 1024 / 1024)} MiB`;
    }
    return `ended the process that read it (${end.type === "exit" ? end.cause : end.type})`;
  }
};
function link2(source, stop) {
  const onAbort = () => stop.abort(source.reason);
  source.addEventListener("abort", onAbort);
  if (source.aborted) onAbort();
  return () => source.removeEventListener("abort", onAbort);
}
async function unlessAborted(turn, signal) {
  signal.throwIfAborted();
  let onAbort = () => {
  };
  const aborted = new Promise((resolve3) => {
    onAbort = resolve3;
    signal.addEventListener("abort", onAbort);
  });
  await Promise.race([turn, aborted]);
  signal.removeEventListener("abort", onAbort);
  signal.throwIfAborted();
}
function defaultEntry() {
  const places = ["./geometry/child.js", "./child.js", "../../dist/geometry/child.js"];
  const [found] = places.map((place2) => new URL(place2, import.meta.url)).filter((place2) => existsSync2(place2));
  if (found !== void 0) return found;
  throw new Error("The geometry reader finds no build of its process (geometry/child.js). Build the app first.");
}

// src/importing/file-stamp.ts
var time2 = z4.number().nullable();
var stamp = z4.object({
  /** The version of the reader. */
  reader: z4.number(),
  /** When the entry of the file changed (ctime), and its number on the disk. */
  changed: z4.number(),
  inode: z4.number(),
  /** Name, size, time and ctime of each other file that was read; null: too many to note. */
  beside: z4.array(z4.tuple([z4.string(), time2, time2, time2])).nullable(),
  /** The refusal may have had other causes than the file. */
  passing: z4.boolean().optional(),
  /** What the status was before the file vanished. */
  was: z4.enum(["active", "archived"]).optional()
});
function parseStamp(text2) {
  if (text2 === null) return null;
  try {
    return stamp.safeParse(JSON.parse(text2)).data ?? null;
  } catch {
    return null;
  }
}
function stampOf({ print, beside, result }) {
  if (print === null) return null;
  const passing = result.status === "unparsed" && result.isPassing === true;
  const rows = beside.map(({ name, size, modifiedMs, changedMs }) => [name, size, modifiedMs, changedMs]);
  const { changedMs: changed, inode } = print;
  const whole2 = { reader: readerVersion, changed, inode, beside: rows, ...passing && { passing } };
  const text2 = JSON.stringify(whole2);
  return text2.length <= textLimits.path ? text2 : JSON.stringify({ ...whole2, beside: null });
}
function withFormerStatus(text2, was) {
  const known = parseStamp(text2);
  return known === null || was === "missing" ? text2 : JSON.stringify({ ...known, was });
}
function formerStatus(text2) {
  return parseStamp(text2)?.was ?? "active";
}
function isAsRead(look, known, { retry: retry2 }) {
  if (look.size !== known.fileSize || look.mtime.getTime() !== known.fileModifiedAt?.getTime()) return false;
  const note2 = parseStamp(known.fileStamp);
  const isRefused = known.parseStatus !== "parsed";
  if (note2 === null) return !isRefused;
  if (note2.changed !== look.ctimeMs || note2.beside === null) return false;
  if (isRefused && (retry2 || note2.passing === true || note2.reader !== readerVersion)) return false;
  return note2.beside.every(([name, size, modifiedMs, changedMs]) => {
    const now = fileBeside(dirname3(known.filePath), name);
    return now.size === size && now.modifiedMs === modifiedMs && now.changedMs === changedMs;
  });
}

// src/serve/library-file.ts
async function openLibraryFile(model, known, signal) {
  const gone = new Refused(
    404,
    "FILE_GONE",
    "The file of the model is not there. An import finds it where it was moved to."
  );
  let handle;
  try {
    handle = await open2(model.filePath, "r");
  } catch {
    throw gone;
  }
  try {
    const look = await handle.stat({ bigint: false });
    if (!look.isFile()) throw gone;
    const isAsNoted = look.size === model.fileSize && look.mtime.getTime() === model.fileModifiedAt?.getTime() && // The time of the entry is the system's own: nobody can set it as they can the time of the file.
    parseStamp(model.fileStamp)?.changed === look.ctimeMs;
    const print = [look.dev, look.ino, look.size, look.mtimeMs, look.ctimeMs].join(" ");
    if (!isAsNoted && known.get(print) !== model.fileHash) {
      const hash = look.size === model.fileSize ? await hashOf2(handle, signal) : null;
      if (hash !== model.fileHash)
        throw new Refused(409, "FILE_CHANGED", "The file is another than was imported: import its folder again.");
      if (known.size >= mostKnown) known.clear();
      known.set(print, hash);
    }
    return { handle, bytes: look.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
var mostKnown = 1e3;
async function hashOf2(handle, signal) {
  const hash = createHash2("sha256");
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (let at = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

// src/serve/model-files.ts
function fileRoutes({ library: library2, pictures }) {
  const known = /* @__PURE__ */ new Map();
  return topic().openapi(modelFile, async (c) => {
    const model = await modelOf(library2, c.req.valid("param").id);
    const headers2 = { ...headersOf(model, c.req.valid("query").v), ...asDownload(model.fileName) };
    if (isKnown(c.req.header("if-none-match"), headers2.etag)) return new Response(null, { status: 304, headers: headers2 });
    const file = await openLibraryFile(model, known, c.req.raw.signal);
    const type = types[model.format] ?? "application/octet-stream";
    const condition = c.req.header("if-range");
    const range = condition === void 0 || condition === headers2.etag ? c.req.header("range") : void 0;
    return await answerWith(file, { range, isHead: c.req.method === "HEAD" }, { ...headers2, "content-type": type });
  }).openapi(modelResource, async (c) => {
    const model = await modelOf(library2, c.req.valid("param").id);
    const { name } = c.req.valid("query");
    const document = await openLibraryFile(model, known, c.req.raw.signal);
    let names;
    try {
      names = await resourcesOf(model, document.handle, document.bytes);
    } finally {
      await document.handle.close();
    }
    const type = resourceTypes[extname2(name.toLowerCase())];
    if (!names.has(name) || type === void 0) throw notFound("Such a file of the model");
    const file = await openBeside(model.filePath, name);
    return await answerWith(
      file,
      { isHead: c.req.method === "HEAD" },
      { "content-type": type, "cache-control": "no-cache" }
    );
  }).openapi(modelPicture, async (c) => {
    const model = await modelOf(library2, c.req.valid("param").id);
    const headers2 = headersOf(model, c.req.valid("query").v);
    if (isKnown(c.req.header("if-none-match"), headers2.etag)) return new Response(null, { status: 304, headers: headers2 });
    const picture = await pictures(model, { signal: c.req.raw.signal });
    if (picture === null)
      throw new Refused(404, "NO_PICTURE", "There is no picture of this model: show its format instead.");
    return new Response(new Uint8Array(picture.bytes), { headers: { ...headers2, "content-type": picture.type } });
  });
}
async function modelOf({ repositories }, id) {
  const model = await asked(() => repositories.models.read(id));
  if (model === null) throw notFound("The model");
  return model;
}
function headersOf({ fileHash }, v) {
  const isForEver = v === fileHash;
  return {
    etag: `"${fileHash.replace(/[^\w-]/g, "")}"`,
    "cache-control": isForEver ? "private, max-age=31536000, immutable" : "private, no-cache"
  };
}
function isKnown(condition, etag) {
  return condition?.split(",").some((one) => one.trim().replace(/^W\//, "") === etag || one.trim() === "*") === true;
}
function asDownload(fileName) {
  return { "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName.toWellFormed())}` };
}
async function answerWith({ handle, bytes: bytes2 }, { range, isHead }, headers2) {
  const part = range === void 0 ? null : rangeOf(range, bytes2);
  if (part === "unsatisfiable") {
    await handle.close();
    throw new Refused(416, "RANGE", `The file has ${bytes2} bytes: ask for a part of them.`);
  }
  const [start, end] = part ?? [0, bytes2 - 1];
  const whole2 = {
    ...headers2,
    "accept-ranges": "bytes",
    "content-length": String(end - start + 1),
    ...part !== null && { "content-range": `bytes ${start}-${end}/${bytes2}` }
  };
  const status2 = part === null ? 200 : 206;
  if (isHead || bytes2 === 0) {
    await handle.close();
    return new Response(null, { status: status2, headers: whole2 });
  }
  return new Response(streamOf(handle, start, end), { status: status2, headers: whole2 });
}
function streamOf(handle, start, end) {
  let at = start;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const buffer = new Uint8Array(Math.min(chunk, end - at + 1));
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
          at += bytesRead;
          if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead));
          if (bytesRead > 0 && at <= end) return;
          await handle.close();
          if (at <= end) controller.error(new Error("the file has become shorter"));
          else controller.close();
        } catch (error) {
          await handle.close();
          throw error;
        }
      },
      cancel: () => handle.close()
    },
    { highWaterMark: 1 }
  );
}
var chunk = 256 * 1024;
function rangeOf(header, bytes2) {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [];
  if (from === "" && to === "") return null;
  const start = from === "" ? Math.max(0, bytes2 - Number(to)) : Number(from);
  const end = from === "" || to === "" ? bytes2 - 1 : Math.min(Number(to), bytes2 - 1);
  if (from !== "" && to !== "" && Number(to) < start) return null;
  return start >= bytes2 || start > end ? "unsatisfiable" : [start, end];
}
async function resourcesOf({ format }, handle, bytes2) {
  if (format !== "gltf" || bytes2 > mostDocument) return /* @__PURE__ */ new Set();
  try {
    const document = JSON.parse((await handle.readFile("utf8")).replace(/^\ufeff/, ""));
    const lists = ["buffers", "images"].map((key2) => Reflect.get(Object(document), key2));
    const uris = lists.flatMap((list) => Array.isArray(list) ? list : []).map((item) => Reflect.get(Object(item), "uri"));
    return new Set(uris.filter((uri) => typeof uri === "string" && !/^[a-z][a-z0-9+.-]*:/i.test(uri)));
  } catch {
    return /* @__PURE__ */ new Set();
  }
}
var mostDocument = 64 * 1024 * 1024;
async function openBeside(documentPath, name) {
  const none = notFound("Such a file of the model");
  try {
    const folder = await realpath(dirname4(documentPath));
    const path = await realpath(resolve2(folder, decodeURIComponent(name)));
    const way = relative2(folder, path);
    if (way === "" || isAbsolute2(way) || way.split(sep2)[0] === "..") throw none;
    if (resourceTypes[extname2(path.toLowerCase())] === void 0) throw none;
    const handle = await open3(path, "r");
    const look = await handle.stat();
    if (look.isFile()) return { handle, bytes: look.size };
    await handle.close();
  } catch {
  }
  throw none;
}
var resourceTypes = {
  ".bin": "application/octet-stream",
  ".glbin": "application/octet-stream",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
  ".ktx2": "image/ktx2"
};
var types = {
  stl: "model/stl",
  obj: "model/obj",
  "3mf": "model/3mf",
  glb: "model/gltf-binary",
  gltf: "model/gltf+json",
  step: "model/step"
};

// src/serve/security.ts
import { createHash as createHash3, randomBytes, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { getCookie, setCookie } from "hono/cookie";
var cookie = "candy";
var mostFailures = 10;
var failuresWindowMs = 6e4;
function createSecurity({ token, hosts = [] }, now = Date.now) {
  const names = /* @__PURE__ */ new Set(["localhost", hostname().toLowerCase(), `${hostname().toLowerCase()}.local`, ...hosts]);
  const session = randomBytes(32).toString("base64url");
  let failures = [];
  const isAllowed = (c) => {
    if (token === null) return true;
    const given3 = getCookie(c, cookie);
    if (given3 !== void 0 && isSame(given3, session)) return true;
    const bearer = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1];
    return bearer !== void 0 && isSame(bearer, token);
  };
  return {
    async guard(c, next) {
      refuseOtherHost(c, names);
      refuseOtherSite(c);
      if (needsToken(c.req.path) && !isAllowed(c))
        throw new Refused(401, "LOGIN", "Log in with the token that the server was started with: POST /api/login.");
      await next();
      for (const [name, value] of Object.entries(headers)) if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    },
    logIn(c, given3) {
      failures = failures.filter((at) => now() - at < failuresWindowMs);
      if (failures.length >= mostFailures)
        throw new Refused(429, "SLOWER", "Too many attempts: wait a minute, then try again.");
      if (token !== null && !isSame(given3, token)) {
        failures.push(now());
        throw new Refused(401, "LOGIN", "That is not the token. The server printed it when it was started.");
      }
      setCookie(c, cookie, session, { httpOnly: true, sameSite: "Strict", path: "/" });
    }
  };
}
function needsToken(path) {
  return path.startsWith("/api/") && path !== "/api/login" || path === "/metrics";
}
function isSame(given3, secret) {
  const [a, b] = [given3, secret].map((text2) => createHash3("sha256").update(text2).digest());
  return a !== void 0 && b !== void 0 && timingSafeEqual(a, b);
}
function refuseOtherHost(c, names) {
  const host = c.req.header("host") ?? "";
  const name = host.replace(/:\d{1,5}$/, "").toLowerCase();
  const address = name.replace(/^\[(.*)\]$/, "$1");
  if (names.has(name.replace(/\.$/, "")) || isIP(address) > 0) return;
  throw new Refused(
    421,
    "HOST",
    "This server is not called by that name: use its address, or start it with --host <name>."
  );
}
function refuseOtherSite(c) {
  const isApi = c.req.path.startsWith("/api/") || c.req.path === "/metrics";
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  const other = new Refused(403, "FORBIDDEN", "Other pages may not ask this server: open its own page.");
  if (isApi && site !== void 0 && site !== "same-origin" && site !== "none") throw other;
  if ((isApi || !isRead) && origin !== void 0 && !isOwn(origin, c.req.header("host") ?? "")) throw other;
  if (isRead) return;
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json" || type === "application/octet-stream") return;
  if (type === "" && c.req.header("x-candy") !== void 0) return;
  throw new Refused(415, "CONTENT_TYPE", "Send JSON, or without a body the header x-candy: 1.");
}
function isOwn(origin, host) {
  return origin === `http://${host}` || origin === `https://${host}`;
}
var headers = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    // Textures inside a model file become blobs.
    "connect-src 'self' blob:",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
};
function securedResponse(response) {
  for (const [name, value] of Object.entries(headers))
    if (!response.headers.has(name)) response.headers.set(name, value);
  return response;
}

// src/serve/showing.ts
import { dirname as dirname5, sep as sep3 } from "node:path";
import { models as modelsTable2 } from "@cc/schema";
import { and as and2, gt, gte, lt, ne } from "drizzle-orm";
function showingRoutes({ library: library2 }) {
  const { collections } = library2.repositories;
  return topic().openapi(showModel, async (c) => {
    const id = c.req.valid("param").id;
    const detail = await library2.transactions.read(() => detailOf(library2, id), { label: "show" });
    if (detail === null) throw notFound("The model");
    return c.json(detail, 200);
  }).openapi(listCollections, async (c) => {
    const { parent = null } = c.req.valid("query");
    const path = parent === null ? [] : await asked(() => collections.pathOf(parent));
    if (parent !== null && path.length === 0) throw notFound("The collection");
    const items = await collections.list(parent);
    return c.json(
      {
        items: items.map(({ id, parentId, name, description, models: models2, collections: inside }) => ({
          ...{ id, parentId, name, description, models: models2, collections: inside }
        })),
        path: path.map(({ id, name }) => ({ id, name }))
      },
      200
    );
  }).openapi(
    createCollection,
    async (c) => c.json({ id: await asked(() => collections.create(c.req.valid("json"))) }, 201)
  ).openapi(updateCollection, async (c) => {
    const { id } = c.req.valid("param");
    const { name, ...others } = c.req.valid("json");
    const patch = { ...others, ...name !== void 0 && { name } };
    if (!await asked(() => collections.update(id, patch))) throw notFound("The collection");
    return c.body(null, 204);
  }).openapi(deleteCollection, async (c) => {
    const { id } = c.req.valid("param");
    if (!await asked(() => collections.delete(id))) throw notFound("The collection");
    return c.body(null, 204);
  });
}
async function detailOf(library2, id) {
  const { models: models2, tags, metadata, collections } = library2.repositories;
  const model = await models2.read(id);
  if (model === null) return null;
  const values = await metadata.getMetadata(id);
  const places = [];
  for (const { id: place2, name } of await collections.collectionsOf(id)) {
    const path = await collections.pathOf(place2);
    places.push({ id: place2, name, path: path.map((step) => step.name) });
  }
  const equal = (await models2.findByHash(model.fileHash)).filter((other) => other.id !== id);
  const { description, filePath, fileHash, author, license, sourceUrl, parseError, vertices, volume } = model;
  return {
    ...cardOf(model, await tags.getTags(id)),
    ...{ description, filePath, fileHash, author, license, sourceUrl, parseError, vertices, volume },
    ...boxOf(model),
    fileModifiedAt: model.fileModifiedAt?.toISOString() ?? null,
    fileUrl: addressOf(model, "file"),
    metadata: Object.entries(values).map(([key2, value]) => ({ key: key2, type: typeOf(value), value })),
    collections: places,
    beside: await besideOf(library2, model),
    equal: equal.map(({ id: other, name, filePath: path, status: status2 }) => ({ id: other, name, filePath: path, status: status2 })),
    history: historyOf(model)
  };
}
function typeOf(value) {
  if (value === null) return "null";
  if (typeof value === "string") return "text";
  return typeof value === "number" || typeof value === "boolean" ? typeof value : "json";
}
async function besideOf({ transactions: { db } }, { id, filePath }) {
  const folder = dirname5(filePath);
  const start = folder.endsWith(sep3) ? folder : folder + sep3;
  const end = start.slice(0, -1) + String.fromCharCode(sep3.charCodeAt(0) + 1);
  const { name, fileName, format, filePath: path } = modelsTable2;
  const found = [];
  for (let from = start, pages = 0; pages < 10; pages += 1) {
    const rows = await db.select({ id: modelsTable2.id, name, fileName, format, path }).from(modelsTable2).where(and2(pages === 0 ? gte(path, from) : gt(path, from), lt(path, end), ne(modelsTable2.id, id))).orderBy(path).limit(pageSize);
    const near = rows.filter((row) => dirname5(row.path) === folder);
    found.push(...near.map((row) => ({ id: row.id, name: row.name, fileName: row.fileName, format: row.format })));
    const last = rows.at(-1);
    if (last === void 0 || rows.length < pageSize || found.length >= most) break;
    from = last.path;
  }
  return found.slice(0, most);
}
var most = 100;
var pageSize = 200;
function historyOf({ createdAt, updatedAt, printedAt, fileModifiedAt, version }) {
  const steps = [
    [createdAt, "added"],
    [version > 1 ? updatedAt : null, "changed"],
    [printedAt, "printed"],
    [fileModifiedAt, "file written"]
  ];
  return steps.flatMap(([at, what]) => at === null ? [] : [{ at: at.toISOString(), what }]).sort((a, b) => b.at.localeCompare(a.at));
}

// src/serve/work-lists.ts
import { randomUUID as randomUUID2 } from "node:crypto";
import { existsSync as existsSync3 } from "node:fs";
function workListRoutes(serving) {
  const { library: library2, feed, imports: imports2 } = serving;
  const { models: models2 } = library2.repositories;
  const undoable = /* @__PURE__ */ new Map();
  return topic().openapi(listDuplicates, async (c) => {
    const { items, next } = await asked(() => models2.findDuplicates(c.req.valid("query")));
    const groups = [];
    for (const { fileHash, models: equal } of items)
      groups.push({ fileHash, models: await withPaths(serving, equal) });
    return c.json({ groups, next }, 200);
  }).openapi(listProblems, async (c) => {
    const reasonOf3 = ({ parseError }) => parseError ?? "it could not be measured";
    return c.json(await workList2(serving, { parseStatuses: ["unparsed"] }, reasonOf3, c.req.valid("query")), 200);
  }).openapi(
    listMissing,
    async (c) => c.json(await workList2(serving, { statuses: ["missing"] }, () => "its file is gone", c.req.valid("query")), 200)
  ).openapi(postForget, async (c) => {
    const { ids, present = false } = c.req.valid("json");
    const gone = await forget2(serving, ids, present);
    const undo = randomUUID2();
    undoable.set(undo, gone);
    for (const oldest of [...undoable.keys()].slice(0, -mostUndoable)) undoable.delete(oldest);
    return c.json({ forgotten: gone.map(({ model }) => model.id), undo }, 200);
  }).openapi(postRestore, async (c) => {
    const { undo } = c.req.valid("json");
    const gone = undoable.get(undo);
    if (gone === void 0) throw notFound("What was forgotten then");
    await feed.changing(
      (told) => library2.transactions.transaction(
        async () => {
          for (const one of gone) await restore2(serving, one);
          told(gone.map(({ model }) => model.id));
        },
        { label: "restore" }
      )
    );
    undoable.delete(undo);
    return c.json({ restored: gone.map(({ model }) => model.id) }, 200);
  }).openapi(postRetry, async (c) => {
    const found = await models2.readMany(c.req.valid("json").ids);
    const paths = [...found.values()].flatMap((model) => model === null ? [] : [model.filePath]).filter(existsSync3);
    if (paths.length === 0)
      throw new Refused(409, "FILE_GONE", "None of these files is there: import the folder that they were moved to.");
    const what = `${paths.length} files again`;
    return c.json({ id: imports2.add({ paths: [...new Set(paths)], what, options: { retry: true } }) }, 202);
  });
}
var mostUndoable = 20;
async function forget2({ library: library2, feed }, ids, present) {
  const { models: models2, metadata, tags } = library2.repositories;
  return await feed.changing(
    (told) => library2.transactions.transaction(
      async () => {
        const gone = [];
        for (const [id, model] of await models2.readMany([...new Set(ids)])) {
          if (model === null) continue;
          if (model.status !== "missing" && !present)
            throw new Refused(
              409,
              "PRESENT",
              "A model among them is not missing. Nothing was forgotten: say `present` to forget it all the same."
            );
          gone.push({
            model,
            metadata: await metadata.getMetadata(id),
            tags: await tags.getTags(id),
            places: await placesOf(library2, id)
          });
          await models2.delete(id);
        }
        told(gone.map(({ model }) => model.id));
        return gone;
      },
      { label: "forget" }
    )
  );
}
async function restore2({ library: library2 }, { model, metadata, tags, places }) {
  const { repositories } = library2;
  const { updatedAt: _updatedAt, version: _version, ...given3 } = model;
  const input = given3;
  await repositories.models.create(input, { onDuplicateHash: "allow" });
  await repositories.metadata.addMetadata(model.id, metadata);
  for (const tag of tags) await repositories.search.tag(model.id, tag);
  for (const [collection2, position] of places) {
    if (await repositories.collections.read(collection2) === null) continue;
    await repositories.collections.addModels(collection2, [model.id]);
    await putAt(library2, { id: model.id, collection: collection2, position });
  }
}
async function withPaths({ library: library2 }, models2) {
  const cards = await cardsOf(library2, models2);
  return cards.map((card, at) => ({ ...card, filePath: models2[at]?.filePath ?? "" }));
}
async function workList2(serving, filter, reasonOf3, page) {
  const { models: models2 } = serving.library.repositories;
  const { items, next } = await asked(() => models2.list({ filter, ...page }));
  const shown = await withPaths(serving, items);
  const total = await models2.count(filter);
  return { items: shown.map((card, at) => ({ ...card, reason: reasonOf3(items[at]) })), next, total };
}

// src/serve/app.ts
var mostBodyBytes = 8 * 1024 * 1024;
function createApi(serving, security) {
  return topic().openapi(login, (c) => {
    security.logIn(c, c.req.valid("json").token);
    return c.body(null, 204);
  }).route("/", findingRoutes(serving)).route("/", showingRoutes(serving)).route("/", fileRoutes(serving)).route("/", editingRoutes(serving)).route("/", workListRoutes(serving)).route("/", importingRoutes(serving)).route("/", healthRoutes(serving)).route("/", eventRoutes(serving));
}
function createApp(serving, {
  security,
  page,
  onError
}) {
  const api = createApi(serving, security);
  const description = api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Candy", version: "1", description: "A library of 3D models." }
  });
  const app = topic();
  app.onError((error) => {
    const response = problemResponse(error);
    if (response.status === 500) onError(error);
    return securedResponse(response);
  });
  app.notFound(() => securedResponse(problemResponse(notFound("That address"))));
  app.use(security.guard);
  app.use("/api/*", compress({ threshold: 1024 }));
  app.use("/api/*", async (c, next) => {
    if (c.req.path === "/api/uploads") return await next();
    const limit = bodyLimit({
      maxSize: mostBodyBytes,
      onError: () => {
        throw new Refused(413, "TOO_LARGE", `A request may have ${mostBodyBytes} bytes: send it in parts.`);
      }
    });
    return await limit(c, next);
  });
  app.use("/api/*", async (c, next) => {
    await next();
    if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
  });
  app.get("/api/openapi.json", (c) => c.json(description));
  app.route("/", probeRoutes(serving));
  app.route("/", api);
  app.use(page);
  return { fetch: (request) => app.fetch(request) };
}

// src/serve/feed.ts
function openFeed({ transactions }, { everyMs = 150, kept = 500 } = {}) {
  const { changes } = transactions;
  const epoch = Math.random().toString(36).slice(2, 10);
  const listeners = /* @__PURE__ */ new Map();
  let past = [];
  let count = 0;
  const self = {};
  let seen = changes.look(self);
  let timer;
  let isAsking = false;
  const publish = (name, data) => {
    count += 1;
    const event = { id: `${epoch}-${count}`, name, data: JSON.stringify(data) };
    past.push(event);
    if (past.length >= 2 * kept) past = past.slice(-kept);
    for (const listener of listeners.keys()) listener(event);
  };
  const look = () => {
    const now = changes.look(self);
    if (now === void 0 || now === seen) return;
    seen = now;
    publish("change", { ids: null });
  };
  const tick = async () => {
    if (isAsking) return;
    isAsking = true;
    if (changes.asOf !== Number.POSITIVE_INFINITY) await changes.ask();
    isAsking = false;
    if (timer !== void 0) look();
  };
  const watch = () => {
    if (timer !== void 0) return;
    look();
    timer = setInterval(() => void tick(), everyMs).unref();
  };
  const rest = () => {
    clearInterval(timer);
    timer = void 0;
  };
  const since = (lastId) => {
    const [, itsEpoch, number2] = /^(\w+)-(\d{1,12})$/.exec(lastId) ?? [];
    const missed = count - Number(number2);
    if (itsEpoch !== epoch || missed < 0 || missed > past.length) return null;
    return missed === 0 ? [] : past.slice(-missed);
  };
  return {
    publish,
    changing: (work2) => changes.declared(
      self,
      () => work2((ids) => transactions.current()?.afterCommit(() => publish("change", { ids: [...new Set(ids)] })))
    ),
    listen(lastId, listener, onEnd) {
      const missed = lastId === void 0 ? null : since(lastId);
      for (const event of missed ?? [{ id: `${epoch}-${count}`, name: "resync", data: "{}" }]) listener(event);
      listeners.set(listener, onEnd);
      watch();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) rest();
      };
    },
    get listeners() {
      return listeners.size;
    },
    close() {
      rest();
      for (const onEnd of [...listeners.values()]) onEnd();
      listeners.clear();
    }
  };
}

// src/importing/import-folders.ts
import { statSync as statSync3 } from "node:fs";
import { basename as basename5, dirname as dirname8, relative as relative4, sep as sep7 } from "node:path";

// src/importing/absence.ts
import { readdirSync, statSync as statSync2 } from "node:fs";
import { dirname as dirname6 } from "node:path";
function absenceOf(path) {
  if (!isAbsent(path)) return "there";
  let folder = dirname6(path);
  while (isAbsent(folder) && dirname6(folder) !== folder) folder = dirname6(folder);
  if (isAbsent(folder) || mountPlaces.test(folder)) return dirname6(path) === folder ? "gone" : "unsure";
  return isEmpty(folder) ? "unsure" : "gone";
}
function isAbsent(path) {
  try {
    return statSync2(path, { throwIfNoEntry: false }) === void 0;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOTDIR";
  }
}
var mountPlaces = /^(?:\/|\/(?:mnt|media|media\/[^/]+|run\/media(?:\/[^/]+)?|Volumes|net|amnt)|[a-z]:[\\/]?)$/i;
function isEmpty(folder) {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return true;
  }
}

// src/importing/contested.ts
import { basename as basename2 } from "node:path";
var Contested = class {
  #absent = /* @__PURE__ */ new Map();
  #displaced = /* @__PURE__ */ new Map();
  #arrived = [];
  #sought = /* @__PURE__ */ new Map();
  constructor(absent) {
    for (const model of absent) {
      this.#absent.set(model.id, model);
      this.#seek(model);
    }
  }
  isSought(hash) {
    return (this.#sought.get(hash)?.length ?? 0) > 0;
  }
  /** The one model that had this content, when its file is gone. */
  onlyAbsent(hash) {
    const [model, ...others] = this.#sought.get(hash) ?? [];
    return model !== void 0 && others.length === 0 && this.#absent.has(model.id) ? model : null;
  }
  displace(file, known) {
    this.#displaced.set(known.id, { file, known });
    this.#seek(known);
  }
  arrive(file) {
    this.#arrived.push(file);
  }
  /** The model has been found. */
  settle(model) {
    this.#absent.delete(model.id);
    this.#sought.delete(model.fileHash);
  }
  absent() {
    return [...this.#absent.values()];
  }
  models() {
    return [...this.#absent.values(), ...[...this.#displaced.values()].map(({ known }) => known)];
  }
  files() {
    return [...[...this.#displaced.values()].map(({ file }) => file), ...this.#arrived];
  }
  parties() {
    const displaced = this.models().map((model) => ({
      ...model,
      inode: parseStamp(model.fileStamp)?.inode ?? null,
      isAbsent: this.#absent.has(model.id)
    }));
    const arrived = this.files().map(({ path, hash, reading }) => ({
      path,
      fileName: basename2(path),
      fileHash: hash,
      inode: reading.print?.inode ?? null
    }));
    return { displaced, arrived };
  }
  #seek(model) {
    const others = this.#sought.get(model.fileHash);
    if (others === void 0) this.#sought.set(model.fileHash, [model]);
    else others.push(model);
  }
};

// src/importing/follow-moves.ts
function followMoves(displaced, arrived) {
  const moves = settled(pair(displaced, arrived), displaced);
  const taken = new Set([...moves.values()].map(({ path }) => path));
  const known = new Set(displaced.map(({ filePath }) => filePath));
  const rest = displaced.filter(({ id, isAbsent: isAbsent2 }) => isAbsent2 && !moves.has(id));
  const free = arrived.filter(({ path }) => !taken.has(path) && !known.has(path));
  return new Map([...moves, ...pair(rest, free)]);
}
function settled(moves, displaced) {
  const displacedAt = new Map(displaced.map((model) => [model.filePath, model]));
  const byId = new Map(displaced.map((model) => [model.id, model]));
  for (let before = -1; before !== moves.size; ) {
    before = moves.size;
    const taken = new Set([...moves.values()].map(({ path }) => path));
    for (const [id, { path }] of moves) {
      const model = byId.get(id);
      const there = displacedAt.get(path);
      const leaves = model !== void 0 && (model.isAbsent || taken.has(model.filePath));
      const isFree = there === void 0 || moves.has(there.id);
      if (!leaves || !isFree) moves.delete(id);
    }
  }
  return moves;
}
function pair(displaced, arrived) {
  const pairs = /* @__PURE__ */ new Map();
  let waiting = displaced.toSorted((a, b) => Number(b.isAbsent) - Number(a.isAbsent));
  let open4 = [...arrived];
  for (const keyOf2 of keys2) {
    const places = /* @__PURE__ */ new Map();
    for (const place2 of open4.toReversed()) {
      const key2 = keyOf2(place2);
      const others = places.get(key2);
      if (others === void 0) places.set(key2, [place2]);
      else others.push(place2);
    }
    const taken = /* @__PURE__ */ new Set();
    waiting = waiting.filter((model) => {
      const place2 = model.inode === null && keyOf2 !== byName && keyOf2 !== byContent ? void 0 : places.get(keyOf2(model))?.pop();
      if (place2 === void 0) return true;
      pairs.set(model.id, place2);
      taken.add(place2);
      return false;
    });
    open4 = open4.filter((place2) => !taken.has(place2));
  }
  return pairs;
}
var byContent = ({ fileHash }) => fileHash;
var byName = ({ fileHash, fileName }) => `${fileHash}/${fileName}`;
var byEntry = ({ fileHash, inode }) => `${fileHash}/${inode}`;
var keys2 = [
  ({ fileHash, inode, fileName }) => `${fileHash}/${inode}/${fileName}`,
  byEntry,
  byName,
  byContent
];

// src/importing/import-report.ts
var ImportStopped = class extends Error {
  name = "ImportStopped";
  report;
  constructor(report, cause) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.report = report;
  }
};
var Tally = class {
  counts = {
    new: 0,
    changed: 0,
    unchanged: 0,
    moved: 0,
    duplicate: 0,
    unparsed: 0,
    unreadable: 0,
    missing: 0
  };
  remarks = [];
  ignored = 0;
  add(report) {
    this.counts[report.outcome] += 1;
    if (report.reason !== null) this.remarks.push(report);
  }
  report(durationMs, interrupted) {
    const { counts: counts2, ignored, remarks } = this;
    return { counts: counts2, ignored, remarks, durationMs, interrupted };
  }
};

// src/importing/known-models.ts
import { sep as sep4 } from "node:path";
import { models } from "@cc/schema";
import { and as and3, gt as gt2, gte as gte2, inArray as inArray2, lt as lt2 } from "drizzle-orm";
var columns = {
  id: models.id,
  filePath: models.filePath,
  fileName: models.fileName,
  name: models.name,
  format: models.format,
  fileHash: models.fileHash,
  fileSize: models.fileSize,
  fileModifiedAt: models.fileModifiedAt,
  fileStamp: models.fileStamp,
  parseStatus: models.parseStatus,
  parseError: models.parseError,
  status: models.status,
  triangles: models.triangles,
  vertices: models.vertices,
  minX: models.minX,
  minY: models.minY,
  minZ: models.minZ,
  maxX: models.maxX,
  maxY: models.maxY,
  maxZ: models.maxZ,
  volume: models.volume,
  unit: models.unit
};
var chunk2 = 500;
async function modelsAt({ transactions: { db } }, paths) {
  return await db.select(columns).from(models).where(inArray2(models.filePath, [...paths]));
}
async function modelsWith({ transactions: { db } }, hashes) {
  if (hashes.length === 0) return [];
  return await db.select(columns).from(models).where(inArray2(models.fileHash, [...hashes])).orderBy(models.seq);
}
async function* modelsBelow({ transactions: { db } }, folder) {
  const start = folder.endsWith(sep4) ? folder : folder + sep4;
  const end = start.slice(0, -1) + String.fromCharCode(sep4.charCodeAt(0) + 1);
  for (let from = start, isFirst = true; ; isFirst = false) {
    const page = await db.select(columns).from(models).where(and3(isFirst ? gte2(models.filePath, from) : gt2(models.filePath, from), lt2(models.filePath, end))).orderBy(models.filePath).limit(chunk2);
    yield* page;
    const last = page.at(-1);
    if (last === void 0 || page.length < chunk2) return;
    from = last.filePath;
  }
}

// src/importing/model-input.ts
import { basename as basename3, extname as extname3 } from "node:path";
import { textLimits as textLimits2 } from "@cc/schema/validation";
function nameOf(fileName) {
  return fileName.slice(0, -extname3(fileName).length || void 0).slice(0, textLimits2.name);
}
function modelOf2(path, print, format, reading) {
  const fileName = basename3(path);
  return {
    name: nameOf(fileName),
    fileName,
    filePath: path,
    format,
    fileHash: print.fileHash,
    fileSize: print.fileSize,
    fileModifiedAt: new Date(print.modifiedMs),
    fileStamp: stampOf(reading),
    ...figuresOf(reading.result)
  };
}
function patchOf2(input) {
  const { id: _id, createdAt: _createdAt, name: _name, ...patch } = input;
  return patch;
}
var figures = [
  "format",
  "parseStatus",
  "parseError",
  "triangles",
  "vertices",
  "minX",
  "minY",
  "minZ",
  "maxX",
  "maxY",
  "maxZ",
  "volume",
  "unit"
];
function figuresOf(result) {
  if (result.status === "unparsed") {
    return { ...noFigures, parseStatus: "unparsed", parseError: storable(result.reason) };
  }
  const { triangles, vertices, bounds, volume } = result.geometry;
  const [minX, minY, minZ] = bounds?.min ?? [null, null, null];
  const [maxX, maxY, maxZ] = bounds?.max ?? [null, null, null];
  const measured = { triangles, vertices, minX, minY, minZ, maxX, maxY, maxZ, volume, unit: result.unit ?? null };
  return { parseStatus: "parsed", parseError: null, ...measured };
}
function storable(reason) {
  return reason.slice(0, textLimits2.path).toWellFormed().replaceAll("\0", "\uFFFD");
}
var noFigures = {
  triangles: null,
  vertices: null,
  minX: null,
  minY: null,
  minZ: null,
  maxX: null,
  maxY: null,
  maxZ: null,
  volume: null,
  unit: null
};

// src/importing/read-files.ts
import { setTimeout as after } from "node:timers/promises";
function batchesOf(files) {
  const batches = [];
  let bytes2 = Infinity;
  for (const file of files) {
    const last = batches.at(-1);
    if (last === void 0 || last.length >= 64 || bytes2 + file.size > 4e6) {
      batches.push([file]);
      bytes2 = file.size;
    } else {
      last.push(file);
      bytes2 += file.size;
    }
  }
  return batches;
}
async function takesLong(reading, ms) {
  const ended = new AbortController();
  const isShort = reading.then(
    () => false,
    () => false
  );
  const isLong = after(ms, true, { signal: ended.signal }).catch(() => false);
  const first2 = await Promise.race([isShort, isLong]);
  ended.abort();
  return first2;
}
function* slices(list, size) {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}

// src/importing/scan.ts
import { readdir, realpath as realpath2, stat as stat3 } from "node:fs/promises";
import { dirname as dirname7, join as join5, sep as sep6 } from "node:path";

// src/importing/ignore-rules.ts
import { readFile } from "node:fs/promises";
import { basename as basename4, join as join4, relative as relative3, sep as sep5 } from "node:path";
function ignoreRules(root, { ignore = [], hidden = false }) {
  return new Rules(hidden, patternsOf(root, ignore));
}
async function rulesIn(folder, around) {
  const lines = (await readFile(join4(folder, ".candyignore"), "utf8")).split(/\r?\n/);
  return around instanceof Rules ? around.with(patternsOf(folder, lines)) : around;
}
var clutter = /^(?:\._.*|\.DS_Store|\.git|\.hg|\.svn|\.candy|\.candyignore|\.Trash.*|\.Trashes|\.Spotlight-V100|\.fseventsd|\.TemporaryItems|__MACOSX|\$RECYCLE\.BIN|RECYCLER|System Volume Information|Thumbs\.db|desktop\.ini|@eaDir|#recycle|#snapshot|@Recycle|@Recently-Snapshot|lost\+found|.*\.blend\d+|~\$.*)$/i;
var Rules = class _Rules {
  #hidden;
  #patterns;
  constructor(hidden, patterns) {
    this.#hidden = hidden;
    this.#patterns = patterns;
  }
  with(patterns) {
    return new _Rules(this.#hidden, [...this.#patterns, ...patterns]);
  }
  isClutter(name) {
    return clutter.test(name);
  }
  ignores(path, isFolder) {
    const name = basename4(path);
    if (clutter.test(name) || !this.#hidden && name.startsWith(".")) return true;
    const decides = this.#patterns.findLast(
      ({ folder, expression, isForFolders }) => (isFolder || !isForFolders) && expression.test(relative3(folder, path).split(sep5).join("/"))
    );
    return decides !== void 0 && !decides.isNegative;
  }
};
function patternsOf(folder, lines) {
  return lines.flatMap((line) => {
    const text2 = line.replace(/(?<!\\)\s+$/, "");
    if (text2 === "" || text2.startsWith("#")) return [];
    const isNegative = text2.startsWith("!");
    const bare = text2.slice(isNegative ? 1 : 0);
    const isForFolders = bare.endsWith("/");
    const path = bare.replace(/\/$/, "");
    if (path === "") return [];
    return [{ folder, expression: expressionOf(path), isNegative, isForFolders }];
  });
}
function expressionOf(pattern) {
  const isRooted = pattern.includes("/");
  const path = pattern.replace(/^\//, "");
  let source = "";
  for (let at = 0; at < path.length; at += 1) {
    const rest = path.slice(at);
    const set = /^\[(!|\^)?(\]?[^\]]*)\]/.exec(rest);
    if (rest.startsWith("**/")) {
      source += "(?:[^/]*/)*";
      at += 2;
    } else if (rest.startsWith("**")) {
      source += ".*";
      at += 1;
    } else if (rest.startsWith("*")) source += "[^/]*";
    else if (rest.startsWith("?")) source += "[^/]";
    else if (set !== null) {
      source += `[${set[1] === void 0 ? "" : "^/"}${(set[2] ?? "").replace(/[\\[\]^]/g, "\\$&")}]`;
      at += set[0].length - 1;
    } else {
      if (rest.startsWith("\\")) at += 1;
      source += (path[at] ?? "").replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    }
  }
  return new RegExp(`^${isRooted ? "" : "(?:.*/)?"}${source}$`, "su");
}

// src/importing/scan.ts
var FolderNotFound = class extends Error {
  name = "FolderNotFound";
};
async function* scan(folders, options = {}) {
  const seen = { folders: /* @__PURE__ */ new Set(), files: /* @__PURE__ */ new Set(), links: [], onIgnored: options.onIgnored ?? (() => {
  }) };
  for (const folder of folders) {
    const { root, kind } = await rootOf(folder);
    const rules = ignoreRules(root, options);
    if (kind.isDirectory()) {
      if (await isBare(root, rules)) options.onEmptyRoot?.(root);
      yield* walk(root, seen, rules);
    } else if (!kind.isFile()) yield { path: root, problem: notRegular };
    else if (!seen.files.has(root) && !seen.folders.has(keyOf(dirname7(root)))) {
      seen.files.add(root);
      yield { path: root, problem: null };
    }
  }
  for (const { path, rules } of seen.links) yield* follow(path, seen, rules);
}
async function rootsOf(folders) {
  const roots = [];
  for (const folder of folders) {
    const { root, kind } = await rootOf(folder);
    roots.push({ path: root, isFolder: kind.isDirectory() });
  }
  return roots;
}
async function isBare(folder, rules) {
  try {
    const entries = await entriesOf(folder);
    return entries.every((entry) => "name" in entry && rules.isClutter(entry.name));
  } catch {
    return false;
  }
}
async function rootOf(folder) {
  try {
    const root = await realpath2(folder);
    return { root, kind: await stat3(root) };
  } catch (cause) {
    throw new FolderNotFound(`${folder} cannot be imported: ${reasonOf(cause)}`, { cause });
  }
}
async function* walk(folder, seen, around) {
  let entries;
  try {
    const real = await realKeyOf(folder);
    if (seen.folders.has(real)) return;
    seen.folders.add(real);
    entries = await entriesOf(folder);
  } catch (error) {
    yield { path: folder, problem: reasonOf(error) };
    return;
  }
  const rules = entries.some((entry) => "name" in entry && entry.name === ".candyignore") ? await rulesIn(folder, around) : around;
  for (const entry of entries) {
    if ("problem" in entry) {
      yield entry;
      continue;
    }
    const path = join5(folder, entry.name);
    if (rules.ignores(path, entry.isDirectory())) seen.onIgnored(path);
    else if (entry.isSymbolicLink()) seen.links.push({ path, rules });
    else if (entry.isDirectory()) yield* walk(path, seen, rules);
    else if (entry.isFile() && !seen.files.has(path)) yield { path, problem: null };
  }
}
async function* follow(link3, seen, rules) {
  try {
    const kind = await stat3(link3);
    if (kind.isFile()) yield { path: link3, problem: null };
    if (!kind.isDirectory() || await leadsAround(link3)) return;
  } catch (error) {
    yield { path: link3, problem: reasonOf(error) };
    return;
  }
  yield* walk(link3, seen, rules);
}
async function leadsAround(link3) {
  const [around, target] = [await realKeyOf(dirname7(link3)), await realKeyOf(link3)];
  return around === target || around.startsWith(target.endsWith(sep6) ? target : target + sep6);
}
async function entriesOf(folder) {
  const entries = await readdir(folder, { withFileTypes: true, encoding: "buffer" });
  const named2 = entries.map((entry) => {
    const name = entry.name.toString("utf8");
    if (Buffer.from(name, "utf8").equals(entry.name)) return Object.assign(entry, { name });
    return { path: join5(folder, name), problem: "its name is not UTF-8; rename it to import it" };
  });
  return named2.sort((a, b) => compare("name" in a ? a.name : a.path, "name" in b ? b.name : b.path));
}
async function realKeyOf(path) {
  return (await realpath2(path, { encoding: "buffer" })).toString("latin1");
}
function keyOf(realPath) {
  return Buffer.from(realPath, "utf8").toString("latin1");
}
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
var notRegular = "it is not a regular file";
function reasonOf(error) {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}
var reasons = {
  ENOENT: "it does not exist, or it is a link to nothing",
  ENOTDIR: "it does not exist, or it is a link to nothing",
  ELOOP: "it is a link that leads back to itself",
  EACCES: "reading it is not permitted",
  EPERM: "reading it is not permitted",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "its path is too long",
  EBUSY: "another program holds it",
  EIO: "its disk reports an error"
};

// src/importing/write-batch.ts
var BatchWriter = class {
  #library;
  #tally;
  #limits;
  #batch = [];
  /** The paths of the models to add, and of those of the batch before, by their content. */
  #paths = [/* @__PURE__ */ new Map(), /* @__PURE__ */ new Map()];
  #writtenAt = performance.now();
  constructor(library2, tally, limits) {
    this.#library = library2;
    this.#tally = tally;
    this.#limits = limits;
  }
  /** Takes one in; writes when the batch is full, or old. */
  async put(pending) {
    this.#batch.push(pending);
    if ("add" in pending) this.#paths[0].set(pending.add.fileHash, pending.add.filePath);
    const isOld = performance.now() - this.#writtenAt > this.#limits.ageMs;
    if (this.#batch.length >= this.#limits.size || isOld) await this.write();
  }
  /** Takes one in that has to be written together with those that come until the next `write`. */
  hold(pending) {
    this.#batch.push(pending);
  }
  /** The path of a model with this content that waits, or that was written so lately that a look before may have missed it. */
  pathOfRecent(fileHash) {
    return this.#paths[0].get(fileHash) ?? this.#paths[1].get(fileHash) ?? null;
  }
  /** Writes the batch in one transaction. Its files count only when they are committed. */
  async write() {
    const batch = this.#batch;
    this.#batch = [];
    this.#paths = [/* @__PURE__ */ new Map(), this.#paths[0]];
    this.#writtenAt = performance.now();
    if (batch.length === 0) return;
    const done = await this.#library.transactions.transaction(async () => {
      const elsewhere = await this.#move(batch);
      for (const pending of batch) {
        if ("change" in pending) await this.#library.repositories.models.update(pending.id, pending.change);
      }
      return /* @__PURE__ */ new Set([...elsewhere, ...await this.#add(batch)]);
    });
    for (const { report } of batch) {
      if (report === null) continue;
      this.#tally.add(done.has(report) ? { path: report.path, outcome: "unchanged", reason: null } : report);
    }
  }
  /** Moves rows by way of paths that no file has, so that rings find each path free. Returns what others were faster with. */
  async #move(batch) {
    const { models: models2 } = this.#library.repositories;
    const moves = [];
    const elsewhere = [];
    const leaving = new Set(batch.flatMap((pending) => "move" in pending ? [pending.from] : []));
    for (const pending of batch) {
      if (!("move" in pending)) continue;
      const model = await models2.read(pending.id);
      const there = leaving.has(pending.move.filePath) ? null : await models2.readByPath(pending.move.filePath);
      if (model?.filePath === pending.from && there === null) moves.push(pending);
      else if (pending.report !== null) elsewhere.push(pending.report);
    }
    if (moves.some(({ move }) => leaving.has(move.filePath))) {
      for (const { id } of moves) await models2.update(id, { filePath: `moving/${id}` });
    }
    for (const { id, move } of moves) await models2.update(id, move);
    return elsewhere;
  }
  /** Returns the reports of those that were there already: another import of the same folder was faster. */
  async #add(batch) {
    const additions = batch.flatMap((pending) => "add" in pending ? [pending] : []);
    if (additions.length === 0) return [];
    const skipped = [];
    await this.#library.repositories.models.createMany(
      additions.map(({ add, tags }) => ({ model: add, tags })),
      {
        onDuplicateHash: "allow",
        onConflict: "skip",
        batchSize: this.#limits.size,
        onProgress: ({ results }) => {
          for (const { index, outcome } of results) {
            const report = additions[index]?.report;
            if (outcome === "skipped" && report) skipped.push(report);
          }
        }
      }
    );
    return skipped;
  }
};

// src/importing/import-folders.ts
async function importFolders(library2, folders, options) {
  const started = performance.now();
  const tally = new Tally();
  const report = () => tally.report(performance.now() - started, options.signal.aborted);
  const roots = await rootsOf(folders);
  const run = new ImportRun(library2, roots, tally, options);
  try {
    await run.scan(folders);
    await run.all();
  } catch (error) {
    if (options.signal.aborted && error === options.signal.reason) {
      await run.write();
      return report();
    }
    throw new ImportStopped(report(), error);
  }
  return report();
}
var ImportRun = class {
  #library;
  #roots;
  #options;
  #tally;
  #writer;
  #ageMs;
  #files = [];
  #emptyRoots = /* @__PURE__ */ new Set();
  #fresh = [];
  #suspects = [];
  #absent = [];
  /** How many files of each size are to be read: a model whose size none of them has was not moved. */
  #sizes = /* @__PURE__ */ new Map();
  #done = 0;
  constructor(library2, roots, tally, options) {
    this.#library = library2;
    this.#roots = roots;
    this.#options = options;
    this.#tally = tally;
    this.#ageMs = options.batchAgeMs ?? 500;
    this.#writer = new BatchWriter(library2, tally, { size: options.batchSize ?? 500, ageMs: this.#ageMs });
  }
  /** Names all files, and tells of places that cannot be looked into. */
  async scan(folders) {
    const { ignore, hidden, signal } = this.#options;
    const onIgnored = () => void (this.#tally.ignored += 1);
    const onEmptyRoot = (path) => void this.#emptyRoots.add(path);
    const problems = [];
    for await (const found of scan(folders, { ignore, hidden, onIgnored, onEmptyRoot })) {
      signal.throwIfAborted();
      if (found.problem === null) this.#files.push(found.path);
      else problems.push(found);
    }
    this.#options.onProgress?.(0, this.#files.length, null);
    for (const { path, problem: problem2 } of problems) this.#tally.add({ path, outcome: "unreadable", reason: problem2 });
  }
  async all() {
    await this.#compare();
    await this.#findAbsent();
    const contested = await this.#readSuspects();
    await this.#readFresh(contested);
    await this.#settle(contested);
    await this.write();
  }
  async write() {
    await this.#writer.write();
  }
  /** Tells files that are as they were, without reading them, from those that have to be read. */
  async #compare() {
    for (const paths of slices(this.#files, 500)) {
      this.#options.signal.throwIfAborted();
      const known = new Map((await modelsAt(this.#library, paths)).map((model) => [model.filePath, model]));
      for (const path of paths) {
        const look = lookAt2(path);
        if ("reason" in look) {
          this.#tell({ path, outcome: "unreadable", reason: look.reason });
          continue;
        }
        const model = known.get(path) ?? null;
        if (model !== null && isAsRead(look, model, { retry: this.#options.retry ?? false })) {
          await this.#leave(model);
          continue;
        }
        (model === null ? this.#fresh : this.#suspects).push({ path, size: look.size, known: model });
        this.#sizes.set(look.size, (this.#sizes.get(look.size) ?? 0) + 1);
      }
    }
  }
  /** The file is as it was. A model that was missing is there again. */
  async #leave(model) {
    const { filePath: path, parseStatus, parseError, status: status2 } = model;
    const report = parseStatus === "unparsed" ? { path, outcome: "unparsed", reason: parseError } : { path, outcome: "unchanged", reason: null };
    if (status2 !== "missing") return this.#tell(report);
    this.#step(report);
    await this.#writer.put({ report, id: model.id, change: { status: formerStatus(model.fileStamp) } });
  }
  /** The models below the named folders whose files are not there any more. */
  async #findAbsent() {
    const seen = new Set(this.#files);
    for (const { path: root, isFolder } of this.#roots) {
      if (!isFolder) continue;
      const absent = [];
      for await (const model of modelsBelow(this.#library, root)) {
        this.#options.signal.throwIfAborted();
        if (!seen.has(model.filePath) && isAbsent(model.filePath)) absent.push(model);
        seen.add(model.filePath);
      }
      if (absent.length > 0 && this.#emptyRoots.has(root) && this.#options.emptied !== true) {
        const reason = `it is empty, but ${absent.length} models were read from it: is its disk there? They stay as they are; if it was emptied, say so with --emptied`;
        this.#tally.add({ path: root, outcome: "unreadable", reason });
      } else for (const model of absent) this.#absent.push(model);
    }
  }
  /** Reads the files of known paths that look different. Returns what moved, changed or is gone, and needs to be settled. */
  async #readSuspects() {
    const contested = new Contested(this.#absent);
    for await (const files of this.#read(this.#suspects)) {
      for (const file of files) {
        const { known, hash } = file;
        if (known === null) continue;
        const others = (this.#sizes.get(known.fileSize) ?? 0) - (file.size === known.fileSize ? 1 : 0);
        if (hash === known.fileHash || others === 0 && !contested.isSought(hash)) await this.#change(file, known);
        else contested.displace(file, known);
      }
    }
    return contested;
  }
  async #readFresh(contested) {
    for await (const files of this.#read(this.#fresh)) {
      const twins = await this.#twinsOf(files.map(({ hash }) => hash));
      for (const file of files) {
        this.#options.signal.throwIfAborted();
        const alone = contested.onlyAbsent(file.hash);
        if (alone !== null && (alone.fileName === basename5(file.path) || this.#sizes.get(file.size) === 1)) {
          contested.settle(alone);
          await this.#move(file, alone);
        } else if (contested.isSought(file.hash)) contested.arrive(file);
        else await this.#add(file, twins.get(file.hash) ?? []);
      }
    }
  }
  /** Now all content is known: what moved moves, the rest is changed, new or missing. */
  async #settle(contested) {
    const { displaced, arrived } = contested.parties();
    const moves = followMoves(displaced, arrived);
    const moverTo = new Map([...moves].map(([id, { path }]) => [path, id]));
    const knownById = new Map(contested.models().map((model) => [String(model.id), model]));
    await this.write();
    const rest = [];
    for (const file of contested.files()) {
      const mover = knownById.get(moverTo.get(file.path) ?? "");
      if (mover === void 0) rest.push(file);
      else await this.#move(file, mover, { isHeld: true });
    }
    await this.write();
    const fresh = rest.filter(({ known }) => known === null || moves.has(known.id));
    for (const file of rest) if (file.known !== null && !moves.has(file.known.id)) await this.#change(file, file.known);
    await this.write();
    for (const file of fresh) await this.#add(file, (await this.#twinsOf([file.hash])).get(file.hash) ?? []);
    await this.write();
    const gone = contested.absent().filter(({ id }) => !moves.has(id));
    await this.#markMissing(gone);
  }
  async #markMissing(gone) {
    const fresh = /* @__PURE__ */ new Map();
    for (const { path } of this.#fresh) {
      const name = basename5(path);
      fresh.set(name, fresh.has(name) ? null : path);
    }
    for (const model of gone) {
      const like = fresh.get(model.fileName);
      const perhaps = like ? `; if it was moved and edited: candy moved ${model.id} ${like}` : "";
      const report = { path: model.filePath, outcome: "missing", reason: `its file is gone${perhaps}` };
      if (model.status === "missing") this.#tally.add(report);
      else {
        const change = { status: "missing", fileStamp: withFormerStatus(model.fileStamp, model.status) };
        await this.#writer.put({ report, id: model.id, change });
      }
    }
  }
  async *#read(files) {
    const { geometry, signal } = this.#options;
    const batches = batchesOf(files);
    const begin = (at) => {
      const paths = batches[at]?.map(({ path }) => path);
      if (paths === void 0) return null;
      const reading = geometry.readMany(paths, { signal });
      reading.catch(() => {
      });
      return reading;
    };
    let next = begin(0);
    for (const [at, batch] of batches.entries()) {
      if (next !== null && await takesLong(next, this.#ageMs)) await this.write();
      const readings = await next ?? [];
      next = begin(at + 1);
      const read = [];
      for (const [index, file] of batch.entries()) {
        const reading = readings[index];
        if (reading === void 0) continue;
        const { print, problem: problem2, result } = reading;
        if (problem2 !== null) {
          this.#tell({ path: file.path, outcome: "unreadable", reason: problem2.replace(/^(?!it )/, "it ") });
        } else if (print === null || result.format === null && file.known === null) {
          this.#tally.ignored += 1;
          this.#step(null);
        } else read.push({ ...file, reading, hash: print.fileHash });
      }
      yield read;
    }
  }
  /** Models with the same content, files that are not there left out; a model whose file is gone for certain comes first. */
  async #twinsOf(hashes) {
    const twins = /* @__PURE__ */ new Map();
    for (const twin of await modelsWith(this.#library, [...new Set(hashes)])) {
      const others = twins.get(twin.fileHash);
      if (others === void 0) twins.set(twin.fileHash, [twin]);
      else others.push(twin);
    }
    return twins;
  }
  async #add(file, twins) {
    const { path, reading, hash } = file;
    const mover = twins.find((twin2) => !this.#isBelowRoot(twin2.filePath) && absenceOf(twin2.filePath) === "gone");
    if (mover !== void 0 && this.#writer.pathOfRecent(hash) === null && !this.#moved.has(mover.id)) {
      return this.#move(file, mover);
    }
    const input = inputOf(file);
    if (input === null) return;
    const twin = this.#writer.pathOfRecent(hash) ?? twins[0]?.filePath ?? null;
    const report = reading.result.status === "unparsed" ? { path, outcome: "unparsed", reason: input.parseError ?? null } : { path, outcome: twin === null ? "new" : "duplicate", reason: twin };
    this.#step(report);
    await this.#writer.put({ report, add: input, tags: this.#tagsOf(path) });
  }
  #moved = /* @__PURE__ */ new Set();
  /** `isHeld`: it is written with the others that wait, whatever their number. */
  async #move(file, model, { isHeld = false } = {}) {
    const input = inputOf(file);
    if (input === null) return;
    this.#moved.add(model.id);
    const status2 = model.status === "missing" ? formerStatus(model.fileStamp) : model.status;
    const name = model.name === nameOf(model.fileName) ? input.name : model.name;
    const move = { ...patchOf2(input), name, status: status2, filePath: input.filePath };
    const report = { path: file.path, outcome: "moved", reason: model.filePath };
    this.#step(report);
    const pending = { report, id: model.id, move, from: model.filePath };
    if (isHeld) this.#writer.hold(pending);
    else await this.#writer.put(pending);
  }
  /** A file that is other than it was, or only its time is. */
  async #change(file, model) {
    const { path, reading, hash } = file;
    const input = inputOf({ ...file, known: model });
    if (input === null || reading.print === null) return;
    const isChanged = hash !== model.fileHash || figures.some((field) => (input[field] ?? null) !== model[field]);
    const report = reading.result.status === "unparsed" ? { path, outcome: "unparsed", reason: input.parseError ?? null } : { path, outcome: isChanged ? "changed" : "unchanged", reason: null };
    this.#step(report);
    const note2 = { fileModifiedAt: new Date(reading.print.modifiedMs), fileStamp: stampOf(reading) };
    const back = model.status === "missing" ? { status: formerStatus(model.fileStamp) } : {};
    const isNoted = !isChanged && model.status !== "missing" && note2.fileStamp === model.fileStamp && note2.fileModifiedAt.getTime() === model.fileModifiedAt?.getTime();
    if (isNoted) this.#tally.add(report);
    else await this.#writer.put({ report, id: model.id, change: { ...isChanged ? patchOf2(input) : note2, ...back } });
  }
  #tagsOf(path) {
    if (this.#options.tagsFromFolders !== true) return [];
    const root = this.#roots.find(({ path: root2, isFolder }) => isFolder && isBelow(root2, path));
    if (root === void 0) return [];
    const names = relative4(root.path, dirname8(path)).split(sep7);
    return [...new Set(names.map((name) => name.trim().slice(0, 200)).filter((name) => /[\p{L}\p{N}]/u.test(name)))];
  }
  #isBelowRoot(path) {
    return this.#roots.some((root) => root.isFolder && isBelow(root.path, path));
  }
  /** Tells of a file that needs no write. */
  #tell(report) {
    this.#tally.add(report);
    this.#step(report);
  }
  #step(report) {
    this.#done += 1;
    this.#options.onProgress?.(this.#done, this.#files.length, report);
  }
};
function inputOf({ path, reading, known }) {
  const format = reading.result.format ?? known?.format ?? null;
  return reading.print === null || format === null ? null : modelOf2(path, reading.print, format, reading);
}
function lookAt2(path) {
  try {
    return statSync3(path);
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}
function isBelow(folder, path) {
  return path.startsWith(folder.endsWith(sep7) ? folder : folder + sep7);
}

// src/serve/import-queue.ts
var mostFiles = 1e4;
var mostKept = 50;
var tellEveryMs = 200;
function openImportQueue(library2, feed, now = () => /* @__PURE__ */ new Date()) {
  const entries = [];
  let last = Promise.resolve();
  let count = 0;
  let isClosed = false;
  const run = async (entry) => {
    const { state: state2, end, paths, options } = entry;
    const tell = () => feed.publish("import", { ...state2, counts: { ...state2.counts } });
    const finish = (how, problem2) => {
      Object.assign(state2, { state: how, endedAt: now().toISOString(), problem: problem2 });
      tell();
    };
    if (end.signal.aborted) return finish("stopped", null);
    Object.assign(state2, { state: "running", startedAt: now().toISOString() });
    tell();
    let toldAt = performance.now();
    const onProgress = (done, total, report) => {
      Object.assign(state2, { done, total });
      if (report !== null) note(entry, report);
      if (performance.now() - toldAt < tellEveryMs && done > 0) return;
      toldAt = performance.now();
      tell();
    };
    try {
      var _stack = [];
      try {
        const geometry = __using(_stack, await openGeometryReader(), true);
        const report = await importFolders(library2, paths, { ...options, geometry, signal: end.signal, onProgress });
        settle(entry, report);
        finish(report.interrupted ? "stopped" : "done", null);
      } catch (_) {
        var _error = _, _hasError = true;
      } finally {
        var _promise = __callDispose(_stack, _error, _hasError);
        _promise && await _promise;
      }
    } catch (error) {
      if (error instanceof ImportStopped) settle(entry, error.report);
      finish("failed", reasonOf2(error));
    }
  };
  return {
    add(wanted) {
      count += 1;
      const id = String(count);
      const { what } = wanted;
      const idle = { done: 0, total: null, counts: {}, startedAt: null, endedAt: null, problem: null };
      const end = new AbortController();
      if (isClosed) end.abort();
      const entry = { ...wanted, state: { id, state: "queued", what, ...idle }, files: [], end, more: 0 };
      entries.unshift(entry);
      entries.splice(mostKept);
      feed.publish("import", { ...entry.state });
      last = last.then(() => run(entry));
      return id;
    },
    list: () => entries.map(({ state: state2 }) => state2),
    read(id) {
      const entry = entries.find(({ state: state2 }) => state2.id === id);
      return entry === void 0 ? null : { ...entry.state, files: [...entry.files], more: entry.more };
    },
    stop(id) {
      const entry = entries.find(({ state: state2 }) => state2.id === id);
      entry?.end.abort();
      return entry !== void 0;
    },
    async close() {
      isClosed = true;
      for (const { end } of entries) end.abort();
      await last;
    }
  };
}
function note({ state: state2, files }, report) {
  const { counts: counts2 } = state2;
  counts2[report.outcome] = (counts2[report.outcome] ?? 0) + 1;
  if (report.outcome === "unchanged") return;
  files.push(report);
  if (files.length > mostFiles) files.shift();
}
function settle(entry, { counts: counts2, remarks }) {
  Object.assign(entry.state.counts, counts2);
  const told = new Set(entry.files.map(({ path, outcome }) => `${outcome} ${path}`));
  entry.files.push(...remarks.filter(({ path, outcome }) => !told.has(`${outcome} ${path}`)));
  entry.files.splice(0, entry.files.length - mostFiles);
  const listed2 = Object.entries(counts2).reduce((sum, [outcome, n]) => outcome === "unchanged" ? sum : sum + n, 0);
  entry.more = Math.max(0, listed2 - entry.files.length);
}
function reasonOf2(error) {
  return error instanceof Error ? error.message : String(error);
}

// src/serve/job-queue.ts
import { mkdir as mkdir3, readdir as readdir2, stat as stat4 } from "node:fs/promises";
import { join as join6 } from "node:path";
var mostKept2 = 50;
function openJobQueue(library2, feed, folder, now = () => /* @__PURE__ */ new Date()) {
  const jobs2 = [];
  const closing = new AbortController();
  const { signal } = closing;
  let last = Promise.resolve();
  let count = 0;
  const run = async (job2) => {
    const tell = (change) => {
      Object.assign(job2, change);
      feed.publish("job", { ...job2 });
    };
    if (signal.aborted) return tell({ state: "stopped", endedAt: now().toISOString() });
    const startedAt = now();
    tell({ state: "running", startedAt: startedAt.toISOString() });
    try {
      const step = (progress) => tell({ progress });
      const { lines, isWell } = await work[job2.kind](library2, { folder, signal, startedAt, step });
      const problem2 = isWell ? null : "Not everything is as it should be: see the lines.";
      tell({ state: isWell ? "done" : "failed", lines: [...lines], problem: problem2, endedAt: now().toISOString() });
    } catch (error) {
      const problem2 = error instanceof Error ? error.message : String(error);
      tell({ state: signal.aborted ? "stopped" : "failed", problem: problem2, endedAt: now().toISOString() });
    }
  };
  return {
    add(kind) {
      const waiting = jobs2.find((job3) => job3.kind === kind && job3.state === "queued");
      if (waiting !== void 0) return waiting.id;
      count += 1;
      const idle = { progress: null, startedAt: null, endedAt: null, lines: [], problem: null };
      const job2 = { id: String(count), kind, state: "queued", ...idle };
      jobs2.unshift(job2);
      jobs2.splice(mostKept2);
      feed.publish("job", { ...job2 });
      last = last.then(() => run(job2));
      return job2.id;
    },
    list: () => jobs2,
    backups: () => backupsIn(folder),
    async close() {
      closing.abort(new Error("the server is closing"));
      await last;
    }
  };
}
var work = {
  async check({ health: health2, repositories }, { signal }) {
    const results = await health2.runChecks(["integrity", "foreignKeys", "fts"], { signal });
    const index = await repositories.search.verifyIndex();
    const lines = results.map(({ message }) => message);
    return {
      lines: [...lines, ...index.ok ? ["The search index is that of the models."] : index.problems],
      isWell: index.ok && results.every(({ status: status2 }) => status2 !== "failed")
    };
  },
  async maintenance({ health: health2, repositories }, { signal }) {
    await repositories.search.refreshWords();
    const results = await health2.runMaintenance({ signal });
    return {
      lines: results.map(({ task, message }) => `${task}: ${message}`),
      isWell: results.every(({ status: status2 }) => status2 !== "failed")
    };
  },
  async backup({ transactions }, { folder, signal, startedAt, step }) {
    await mkdir3(folder, { recursive: true });
    const name = `library-${startedAt.toISOString().replace(/[:.]/g, "-")}.db`;
    const onProgress = ({ bytesDone, bytesTotal }) => step(bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : 0);
    const { bytes: bytes2 } = await transactions.backup(join6(folder, name), { signal, onProgress });
    return { lines: [`${name}: ${bytes2} bytes, read back and sound`], isWell: true };
  }
};
async function backupsIn(folder) {
  let names;
  try {
    names = await readdir2(folder);
  } catch {
    return [];
  }
  const found = [];
  for (const name of names.filter((one) => /^library-.*\.db$/.test(one))) {
    const { size, mtime } = await stat4(join6(folder, name));
    found.push({ name, bytes: size, at: mtime.toISOString() });
  }
  return found.sort((a, b) => b.name.localeCompare(a.name));
}

// src/serve/page-files.ts
import { createHash as createHash4 } from "node:crypto";
import { readdir as readdir3, readFile as readFile2 } from "node:fs/promises";
import { extname as extname4, join as join7, relative as relative5, sep as sep8 } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
async function pageFiles(folder) {
  const files = await readFiles(folder);
  const index = files.get("/index.html") ?? placeholder;
  return async (c, next) => {
    const { method, path } = c.req;
    if (method !== "GET" && method !== "HEAD") return await next();
    const file = files.get(path);
    if (file !== void 0) return await answer(c, file);
    if (path.startsWith("/api/") || extname4(path) !== "") return await next();
    return await answer(c, index);
  };
}
async function readFiles(folder) {
  const files = /* @__PURE__ */ new Map();
  let names = [];
  try {
    const entries = await readdir3(folder, { recursive: true, withFileTypes: true });
    names = entries.filter((entry) => entry.isFile()).map((entry) => join7(entry.parentPath, entry.name));
  } catch {
  }
  for (const path of names) {
    const name = `/${relative5(folder, path).split(sep8).join("/")}`;
    files.set(name, pageFile(name, await readFile2(path)));
  }
  return files;
}
function pageFile(name, bytes2) {
  const etag = `"${createHash4("sha256").update(bytes2).digest("base64url").slice(0, 27)}"`;
  const type = types2[extname4(name)] ?? "application/octet-stream";
  return { bytes: bytes2, type, etag, isForEver: /-[\w-]{8,}\.\w+$/.test(name), packed: /* @__PURE__ */ new Map() };
}
async function answer(c, file) {
  const { bytes: bytes2, type, etag, isForEver } = file;
  const headers2 = {
    etag,
    "cache-control": isForEver ? "public, max-age=31536000, immutable" : "no-cache",
    vary: "accept-encoding"
  };
  if (c.req.header("if-none-match")?.includes(etag)) return new Response(null, { status: 304, headers: headers2 });
  const encoding = /^(?:text|application\/(?:json|javascript|manifest)|image\/svg)/.test(type) ? encodingFor(c.req.header("accept-encoding") ?? "") : null;
  const body2 = encoding === null ? bytes2 : await pack(file, encoding);
  return new Response(new Uint8Array(body2), {
    headers: { ...headers2, "content-type": type, ...encoding !== null && { "content-encoding": encoding } }
  });
}
function encodingFor(accepted) {
  const names = accepted.toLowerCase().split(",").filter((one) => !/;\s*q=0(?:\.0*)?\s*$/.test(one)).map((one) => one.split(";")[0]?.trim());
  if (names.includes("br")) return "br";
  return names.includes("gzip") ? "gzip" : null;
}
function pack({ packed, bytes: bytes2 }, encoding) {
  const known = packed.get(encoding);
  if (known !== void 0) return known;
  const made = encoding === "br" ? promisify(brotliCompress)(bytes2, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }) : promisify(gzip)(bytes2, { level: 9 });
  packed.set(encoding, made);
  return made;
}
var types2 = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm"
};
var placeholder = pageFile(
  "/index.html",
  Buffer.from(
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Candy</title><h1>Candy</h1><p>The page is not built: run <code>npm run build</code>. The API is at <a href="/api/openapi.json">/api/openapi.json</a>.</p></html>'
  )
);

// src/serve/server.ts
var serveDefaults = Object.freeze({ address: "127.0.0.1", port: 7330 });
var CannotServe = class extends Error {
  name = "CannotServe";
};
async function serveLibrary(library2, options) {
  const { address = serveDefaults.address, port = serveDefaults.port, folder } = options;
  const token = options.token ?? (isLoopback(address) ? null : randomBytes2(24).toString("base64url"));
  if (token !== null && token.length < 16)
    throw new CannotServe(
      "The token is too short: give one of at least 16 characters, or leave it out to have one made."
    );
  const feed = openFeed(library2);
  const folders = {
    uploads: options.uploads === false ? null : join8(folder, "uploads"),
    backups: join8(folder, "backups")
  };
  if (folders.uploads !== null) await removeParts(folders.uploads);
  const serving = {
    ...{ library: library2, feed, folders },
    imports: openImportQueue(library2, feed),
    jobs: openJobQueue(library2, feed, folders.backups),
    pictures: options.pictures ?? (async () => null)
  };
  const app = createApp(serving, {
    security: createSecurity({ token, hosts: options.hosts ?? [] }),
    page: await pageFiles(options.page ?? builtPage()),
    onError: options.onError ?? (() => {
    })
  });
  const server2 = createAdaptorServer({ fetch: app.fetch });
  server2.requestTimeout = 0;
  server2.headersTimeout = 2e4;
  await listenOn(server2, address, port);
  const unsubscribe = tellOfHealth(library2, feed);
  const close = async () => {
    unsubscribe();
    feed.close();
    const closed = once(server2, "close");
    server2.close();
    server2.closeIdleConnections();
    const last = setTimeout(() => server2.closeAllConnections(), drainMs).unref();
    await Promise.all([serving.imports.close(), serving.jobs.close()]);
    await closed;
    clearTimeout(last);
  };
  return { url: urlOf(server2, address), token, feed, close, [Symbol.asyncDispose]: close };
}
function builtPage() {
  const isBundled = !import.meta.url.endsWith(".ts");
  return fileURLToPath2(new URL(isBundled ? "./page" : "../../dist/page", import.meta.url));
}
var drainMs = 3e3;
async function listenOn(server2, address, port) {
  server2.listen({ port, host: address });
  try {
    await once(server2, "listening");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    throw new CannotServe(
      `${reasons2[code] ?? "The server cannot listen there"}: ${whatToDo[code] ?? "choose another --listen or --port"}.`,
      { cause }
    );
  }
}
var reasons2 = {
  EADDRINUSE: "The port is in use",
  EACCES: "The port is not for you",
  EADDRNOTAVAIL: "The address is none of this machine",
  ENOTFOUND: "The address is none of this machine"
};
var whatToDo = {
  EADDRINUSE: "end the program that has it, or choose another one with --port, or --port 0 for a free one",
  EACCES: "choose one above 1023 with --port"
};
function isLoopback(address) {
  return address === "localhost" || address === "::1" || isIP2(address) === 4 && address.startsWith("127.");
}
function urlOf(server2, address) {
  const bound = server2.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const isAny = address === "0.0.0.0" || address === "::";
  const host = isAny ? "localhost" : isIP2(address) === 6 ? `[${address}]` : address;
  return `http://${host}:${port}/`;
}
function tellOfHealth({ health: health2 }, feed) {
  const tell = () => {
    const { status: status2, reasons: words2 } = health2.getCurrentHealthStatus();
    feed.publish("health", { status: status2, reasons: [...words2] });
  };
  let told = health2.getCurrentHealthStatus().status;
  const timer = setInterval(() => {
    const { status: status2 } = health2.getCurrentHealthStatus();
    if (status2 !== told) tell();
    told = status2;
  }, 5e3).unref();
  const silence = health2.onAlert(tell);
  return () => {
    clearInterval(timer);
    silence();
  };
}
async function removeParts(folder) {
  await mkdir4(folder, { recursive: true });
  for (const name of await readdir4(folder)) {
    if (/^\.[\da-f-]{36}\.part$/.test(name)) await unlink2(join8(folder, name));
  }
}

// p95.mts
import { existsSync as existsSync4 } from "node:fs";
var words = ["hex", "bolt", "gear", "bracket", "mount", "holder", "case", "lid", "spring", "planter", "vase", "dragon", "skull", "lamp", "hook", "clip", "wheel", "adapter", "knob", "stand", "raspberry", "pi", "camera", "drone", "frame", "fan", "duct", "extruder", "nozzle", "spool"];
var url = "file:/tmp/server/big.db";
var isNew = !existsSync4("/tmp/server/big.db");
var library = await openLibrary(url, { advice: true });
var rnd = (n) => Math.floor(Math.random() * n);
if (isNew) {
  function* items() {
    for (let i = 0; i < 1e5; i++) {
      const name = [words[rnd(30)], words[rnd(30)], `M${rnd(20)}x${rnd(60)}`, String(i)].join(" ");
      yield { model: { name, format: ["stl", "obj", "3mf", "ply", "glb"][rnd(5)], fileName: `${i}.stl`, filePath: `/m/${rnd(300)}/${i}.stl`, fileHash: `h${i}`, fileSize: 1e3 + rnd(1e7), triangles: rnd(1e6), license: "CC-BY", author: `a${rnd(500)}`, favorite: rnd(50) === 0, createdAt: new Date(15e11 + rnd(2e11)) }, tags: [words[rnd(30)], words[rnd(30)]] };
    }
  }
  const t = performance.now();
  await library.repositories.models.createMany(items());
  console.log("made in", performance.now() - t);
}
var server = await serveLibrary(library, { folder: "/tmp/server", port: 0 });
var ask = async (path) => {
  const t = performance.now();
  const r = await fetch(server.url.slice(0, -1) + path);
  await r.text();
  if (r.status !== 200) throw new Error(path + r.status);
  return performance.now() - t;
};
var kinds = {
  words: () => `/api/models?q=${words[rnd(30)]}+${words[rnd(30)]}&limit=50`,
  prefix: () => `/api/models?q=${words[rnd(30)]}+${words[rnd(30)].slice(0, 2)}&limit=50`,
  facets: () => `/api/models?q=${words[rnd(30)]}+m${rnd(20)}&facets=true&limit=50`,
  "one word, facets": () => `/api/models?q=${words[rnd(30)]}&facets=true&limit=50`,
  blank: () => `/api/models?facets=true&limit=50&formats=${["stl", "obj", "3mf"][rnd(3)]}&minTriangles=${rnd(1e6)}`,
  filter: () => `/api/models?q=${words[rnd(30)]}&formats=stl&tagsAll=${words[rnd(30)]}&limit=50`,
  sorted: () => `/api/models?sort=name&limit=50&formats=obj&minFileSize=${rnd(1e6)}`,
  sortedwords: () => `/api/models?sort=name&q=${words[rnd(30)]}+${words[rnd(30)]}&limit=50`,
  suggest: () => `/api/suggestions?q=${words[rnd(30)]}+${words[rnd(30)].slice(0, 1 + rnd(3))}`,
  detail: () => "/api/library"
};
var first = await ask("/api/models?limit=50&facets=true");
console.log("first", first);
for (const [k, f] of Object.entries(kinds)) {
  const n = 150;
  for (let i = 0; i < 10; i++) await ask(f());
  const a = [];
  for (let i = 0; i < n; i++) a.push(await ask(f()));
  a.sort((x, y) => x - y);
  console.log(k.padEnd(18), "p50", a[n >> 1].toFixed(1), "p95", a[Math.floor(n * 0.95)].toFixed(1), "max", a.at(-1).toFixed(1));
}
console.log("rss MB", Math.round(process.memoryUsage().rss / 1e6));
await server.close();
await library[Symbol.asyncDispose]();
process.exit(0);
