// The error table: what each thing that a driver can say means to a caller. docs/errors.md is this table for readers;
// test/error-table.test.ts provokes every row of it. Long, because it is one table.
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { readConstraint } from './constraint.js';
import type { Symptom } from './driver-error.js';
import type { Diagnosis } from './error-types.js';
import { isError } from './is-error.js';

/** Decides what a symptom means. */
export function diagnose(symptom: Symptom): Diagnosis {
  const { message } = symptom;
  const [, verdict] = table.find(([applies]) => applies(symptom)) ?? [null, unknown];
  const { code = symptom.code || 'UNKNOWN', type, reason, ...rest } = verdict;
  const base = { type, code, reason: reason?.(message) ?? message, recoverable: false, unanswered: false, ...rest };
  if (type === 'constraint' && breaksConstraint.test(code)) return { ...base, ...readConstraint(code, message) };
  // SQLite says no more than that it could not open the file.
  if (symptom.code.startsWith('SQLITE_CANTOPEN') && descriptorsRanOut()) return { ...base, ...tooManyFiles };
  if (code === 'SQLITE_CORRUPT' && symptom.fromServer) return { ...base, hint: corruptOnServer };
  return base;
}

interface Verdict extends Partial<Omit<Diagnosis, 'reason' | 'type'>> {
  readonly type: Diagnosis['type'];
  readonly reason?: (message: string) => string;
}

type Row = readonly [applies: (symptom: Symptom) => boolean, verdict: Verdict];

const breaksConstraint = /^SQLITE_(?:CONSTRAINT|MISMATCH)/;

const corruptOnServer =
  'Run pragma integrity_check on the server: when it is ok, rebuild the full-text index, else restore a verified backup';

/** By the primary part of the code, extended codes included. */
const code = (prefix: string, verdict: Verdict): Row => [
  (symptom) => symptom.code === prefix || symptom.code.startsWith(`${prefix}_`),
  verdict,
];

const codes = (names: RegExp, verdict: Verdict): Row => [(symptom) => names.test(symptom.code), verdict];

/** By the words of clients, networks and replicas. What SQLite says may repeat any words of a statement or of RAISE(). */
const text = (pattern: RegExp, verdict: Verdict): Row => [
  (symptom) => !fromEngine.test(symptom.code) && pattern.test(symptom.message),
  verdict,
];

const engineText = (pattern: RegExp, verdict: Verdict): Row => [
  (symptom) => fromEngine.test(symptom.code) && pattern.test(symptom.message),
  verdict,
];

const fromEngine = /^SQL/;

const lost: Verdict = {
  type: 'aborted',
  code: 'TRANSACTION_LOST',
  recoverable: true,
  hint: 'It was rolled back. Run it again as a whole; servers end one that pauses for 10 s, or that others wait for 5 s',
};

const unreachable: Verdict = {
  type: 'connection',
  code: 'SERVER_UNREACHABLE',
  recoverable: true,
  hint: 'Nothing was sent. Check the address and that the server runs, then try again',
};

const cutOff: Verdict = {
  type: 'connection',
  code: 'CONNECTION_LOST',
  recoverable: true,
  unanswered: true,
  hint: 'Try the whole transaction again. When it stays so over WebSocket, ask over HTTP: a refused token or too many calls look the same',
};

const overloaded: Verdict = { type: 'overload', code: 'TOO_MANY_REQUESTS', recoverable: true };

const unauthorized: Verdict = {
  type: 'auth',
  code: 'UNAUTHORIZED',
  hint: 'Check that the token is there, that it is for this server, and that it has not expired',
};

const forbidden: Verdict = {
  type: 'auth',
  code: 'FORBIDDEN',
  hint: 'The token does not allow this; it may be one for reading only',
};

const blocked: Verdict = {
  type: 'auth',
  code: 'BLOCKED',
  hint: 'The operator of the server has blocked reading, writing or both',
};

const closedByOwner: Verdict = { type: 'closed', code: 'CONNECTION_CLOSED' };

/** What nobody knows may have happened. */
const unknown: Verdict = { type: 'unknown', unanswered: true };

const statement: Verdict = { type: 'syntax', code: 'SQLITE_ERROR' };

const unsupported: Verdict = {
  type: 'syntax',
  code: 'UNSUPPORTED_STATEMENT',
  hint: 'This kind of database does not take such a statement; see its capabilities',
};

const noDatabase: Verdict = {
  type: 'connection',
  code: 'NOT_FOUND',
  hint: 'Check the host, the port, the path and the name of the database in the URL',
};

/** A web page, another service, or an address that has moved. */
const noServer: Verdict = { ...noDatabase, reason: () => 'The answer is not one of a libSQL server' };

const tooManyFiles = {
  type: 'overload',
  code: 'EMFILE',
  reason: 'The process has as many files open as it may',
  recoverable: true,
  hint: 'Close what is not needed any more, or raise the limit (ulimit -n)',
} as const;

/** Whether no more files can be opened. What just failed may have given some back. */
function descriptorsRanOut(): boolean {
  const opened: number[] = [];
  try {
    for (let i = 0; i < 4; i += 1) opened.push(openSync(devNull, 'r'));
    return false;
  } catch (error) {
    return isError(error) && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

const serverError: Verdict = { type: 'unknown', code: 'SERVER_ERROR', hint: 'Look at the log of the server' };

const tooBig: Verdict = {
  type: 'constraint',
  code: 'SQLITE_TOOBIG',
  reason: () => 'string or blob too big',
  hint: 'Keep texts and blobs below the limit of the database: 1 GB in a file, 5 MB to a row on a server, unless it is set otherwise',
};

const tls: Verdict = {
  type: 'connection',
  code: 'TLS_FAILED',
  reason: (message) => `The TLS handshake failed: ${/SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message}`,
  hint: 'Check the scheme of the URL (http or https, ws or wss) and the certificate of the server',
};

/** The first row that applies decides. */
const table: readonly Row[] = [
  // What a server's engine says about statements, under codes of its own: https://github.com/tursodatabase/libsql
  codes(breaksConstraint, { type: 'constraint' }),
  engineText(/^unsupported statement/i, unsupported),
  code('UNSUPPORTED_STATEMENT', unsupported),
  engineText(/^cannot commit - no transaction is active/, lost),
  codes(/^(?:TRANSACTION_TIMEOUT|STREAM_EXPIRED)$/, lost),
  text(/HTTP status 40[04]: .*(?:baton|stream)/i, lost),
  code('TRANSACTION_BUSY', overloaded),
  engineText(/^fts5: syntax error|^unterminated string$|^no such column: …$/, {
    ...statement,
    hint: 'In a search text, put each word between double quotes',
  }),
  engineText(/^no such collation sequence/, {
    ...statement,
    hint: 'Check its name. What sorts by a collation of the program that made the database works only there: for a copy, stop every program that has the file open, and copy it with the -wal beside it',
  }),
  engineText(/^too many SQL variables/, {
    ...statement,
    hint: 'Pass fewer values at once, or a list as one text of JSON: in (select value from json_each(?))',
  }),
  engineText(/^(?:Expression tree is too large|parser stack overflow|parser overflowed its stack)/, {
    ...statement,
    hint: 'Nest less deeply; pass many conditions as one list of JSON: in (select value from json_each(?))',
  }),
  engineText(/^too many terms in compound SELECT/, {
    ...statement,
    hint: 'Join fewer selects in one statement, or pass the rows as one text of JSON: select … from json_each(?)',
  }),
  engineText(/^(?:bad )?JSON path/, { ...statement, hint: 'A JSON path is $, then .name or [number]' }),
  codes(/^(?:SQL_PARSE_ERROR|SQL_INPUT_ERROR|SQLITE_UNKNOWN)$/, statement),
  codes(/^(?:SQL_NO_STATEMENT|SQLITE_OK)$/, { ...statement, reason: () => 'The SQL text holds no statement' }),
  [({ code: told, message }) => told === 'ARGS_INVALID' && message.endsWith(': string or blob too big'), tooBig],
  codes(/^(?:SQL_|ARGS_)/, { type: 'syntax' }),
  code('RESPONSE_TOO_LARGE', { type: 'constraint', hint: 'Ask for fewer rows or columns at once' }),
  code('BLOCKED', blocked),
  engineText(/^Operation was blocked/, blocked),
  codes(/^AUTH_/, unauthorized),

  // What a server answers as a whole
  text(/^The server refused the WebSocket with HTTP status 50[0-24]/, unreachable),
  code('HTTP_401', unauthorized),
  code('HTTP_403', forbidden),
  code('HTTP_404', noDatabase),
  text(/ is not valid JSON$|\bJSON (?:input$|at position \d)/, { ...noServer, unanswered: true }),
  // Not HTTP at all
  codes(/^HPE_/, { ...noServer, unanswered: true }),
  text(/^(?:Parse Error: |Response does not match the HTTP)/, { ...noServer, unanswered: true }),
  // As a whole: a server that is one may still send a value that cannot be read (infinity), and what was asked took effect.
  [
    ({ code: told, message }) =>
      told === 'HRANA_PROTO_ERROR' && /Expected (?:array|object), (?:but|received)/.test(message),
    { ...noServer, unanswered: true },
  ],
  codes(/^HTTP_[23]/, noServer),
  code('HTTP_429', overloaded),
  // Of a server it is a refusal. Proxies (Envoy) answer so, too, when the line to the server breaks behind a request.
  code('HTTP_503', { ...overloaded, unanswered: true }),
  codes(/^HTTP_50[24]$/, cutOff),
  codes(/^HTTP_5/, { ...serverError, unanswered: true }),
  codes(/^HTTP_/, serverError),

  // The way to the server
  codes(/^(?:ERR_SSL|ERR_TLS|CERT_|EPROTO|UNABLE_TO_)|_CERT|SELF_SIGNED/, tls),
  text(/SSL routines:|\bcertificate\b/, tls),
  text(
    /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|connect ETIMEDOUT)\b/,
    unreachable,
  ),
  code('UND_ERR_CONNECT_TIMEOUT', unreachable),
  // Of the client that was closed by its owner, and of the one whose socket was gone before it could send
  text(/manually closed|gracefully closed|connection is not open/, closedByOwner),
  code('CLIENT_CLOSED', closedByOwner),
  text(/^(?:Client|Stream|SQL text) is clos/, { ...cutOff, unanswered: false }),
  text(/WebSocket was closed with code 1(?:00[237-9]|010)/, serverError),
  codes(/^HRANA_(?:WEBSOCKET|CLOSED)_ERROR$/, cutOff),
  codes(/^(?:UND_ERR|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT)/, cutOff),
  text(/^(?:fetch failed|terminated|other side closed)$/, cutOff),
  text(/invalid header value|Cannot convert argument to a ByteString/, {
    ...unauthorized,
    reason: () => 'The token has characters that no HTTP header can carry',
  }),
  code('TRANSACTION_CLOSED', { type: 'aborted', hint: 'It was ended before; begin a new one' }),
  text(/^Received integer which (?:is too large|cannot be safely represented)/, {
    type: 'unknown',
    code: 'INTEGER_OUT_OF_RANGE',
    reason: () => 'A column holds an integer past 2^53, which a JavaScript number cannot keep',
    hint: 'Select it as text: cast(column as text)',
  }),

  // Embedded replicas
  text(/Can not sync a database without a wal_index/, {
    type: 'integrity',
    code: 'NOT_A_REPLICA',
    reason: () => 'The file is no replica of a server, so nothing can be fetched into it',
    hint: 'Give a path where no file is, or move this one away: a replica is made by its first fetch',
  }),
  [({ code: told, message }) => toldByReplica.test(told) && /connect error|dns error/.test(message), unreachable],
  [
    ({ code: told, message }) => told === 'REPLICATION' && message === 'PrimaryHandshakeTimeout',
    { ...unreachable, hint: 'The server did not answer the replica. Check that it runs, and the token' },
  ],
  code('GRPC_Unauthenticated', unauthorized),
  [({ code: told, message }) => told === 'REPLICATION' && message === 'Unauthorized', unauthorized],
  text(/^Sync\(JsonDecode\(/, noServer),
  text(/^Sync\(Http(?:Dispatch|Body)\(/, { ...cutOff, reason: () => 'The server did not answer to the end' }),
  text(/^Authorization forbidden/, forbidden),
  code('GRPC_PermissionDenied', statement),
  code('GRPC_ResourceExhausted', overloaded),
  [
    ({ code: told, message }) => told === 'REPLICATION' && /DatabaseBusy|database is locked/.test(message),
    {
      type: 'lock',
      code: 'SQLITE_BUSY',
      recoverable: true,
      reason: () => 'Another process is fetching into the same replica',
    },
  ],
  codes(/^(?:GRPC_|REPLICATION$)/, cutOff),

  // SQLite: https://sqlite.org/rescode.html
  code('SQLITE_BUSY_SNAPSHOT', {
    type: 'lock',
    recoverable: true,
    hint: 'Another connection wrote after this transaction had read. Try it again as a whole, begun as a write transaction',
  }),
  codes(/^SQLITE_(?:BUSY|LOCKED|PROTOCOL|SCHEMA)/, { type: 'lock', recoverable: true }),
  code('SQLITE_TOOBIG', tooBig),
  codes(/^SQLITE_(?:ERROR|RANGE)/, { type: 'syntax' }),
  code('SQLITE_CORRUPT_VTAB', {
    type: 'integrity',
    hint: "Rebuild the full-text index: insert into name(name) values ('rebuild')",
  }),
  code('SQLITE_CORRUPT', { type: 'integrity' }),
  code('SQLITE_NOTADB', {
    type: 'integrity',
    hint: 'The encryption key is wrong or missing, or the file is none of SQLite: restore a verified backup',
  }),
  code('SQLITE_FULL', { type: 'full' }),
  // What it wanted to write there is one byte to a page.
  code('SQLITE_IOERR_SHMSIZE', { type: 'full' }),
  codes(/^E(?:NOSPC|DQUOT|FBIG)$/, { type: 'full', reason: () => 'The disk is full, or a limit is reached' }),
  code('SQLITE_READONLY_DBMOVED', {
    type: 'readonly',
    hint: 'The file was moved or deleted while it was open; open it anew where it is now',
  }),
  codes(/^SQLITE_(?:READONLY|PERM)/, { type: 'readonly' }),
  code('SQLITE_CANTOPEN', { type: 'connection' }),
  codes(/^E[MN]FILE$/, { ...tooManyFiles, reason: () => tooManyFiles.reason }),
  text(/^Too many open files/, { ...tooManyFiles, reason: () => tooManyFiles.reason }),
  // The file system itself, before SQLite is asked. What a network says of the same codes names no path.
  [({ code: told, message }) => aboutPath.test(told) && /, \w+ '/.test(message), { type: 'connection' }],
  [
    ({ code: told, message }) => told === 'ERR_ACCESS_DENIED' && message.startsWith('fsync '),
    {
      type: 'connection',
      hint: "Node's permission model lets no program of this version flush a file: make backups in one without it",
    },
  ],
  code('ERR_ACCESS_DENIED', { type: 'connection', hint: "Let Node's permission model allow the folder of the file" }),
  code('SQLITE_IOERR', {
    type: 'connection',
    unanswered: true,
    hint: 'The disk or its limits refused to read or write; look at the system log, free space and quotas',
  }),
  code('SQLITE_NOMEM', { type: 'overload', recoverable: true }),
  codes(/^SQLITE_(?:INTERRUPT|ABORT)/, {
    type: 'aborted',
    hint: 'It was stopped on purpose; run it again when that was a mistake',
  }),
  code('SQLITE_AUTH', { type: 'auth' }),
];

const aboutPath = /^E(?:ACCES|PERM|LOOP|NOTDIR|ISDIR|NAMETOOLONG|NOENT|ROFS|IO|STALE)$/;

const toldByReplica = /^(?:GRPC_|REPLICATION$)/;
