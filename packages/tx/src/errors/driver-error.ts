// Reads what a driver says out of its error objects: libsql, @libsql/client and its protocol, Node's network, and the
// embedded replica, which tells everything in one line of text. diagnosis.ts decides what it means.
import { isError } from './is-error.js';
import { sqliteCodeName } from './sqlite-codes.js';

/** What a driver says. */
export interface Symptom {
  /** The code it gives: of SQLite, the server, HTTP (`HTTP_429`), gRPC (`GRPC_Unavailable`) or Node; '' when none. */
  readonly code: string;
  /** Without the codes that the driver puts in front. */
  readonly message: string;
  /** A server's engine said it, so codes are not extended. */
  readonly fromServer: boolean;
  /** The text could not be read: what the message quotes stands in it, so it is no value. */
  readonly quotesSql: boolean;
}

/** Every error from `error` down its chain of causes. */
export function chainOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [error];
  for (let current = error; chain.length < 10; ) {
    if (!isError(current) || current.cause === undefined) break;
    current = current.cause;
    chain.push(current);
  }
  return chain;
}

/** Reads the innermost error of a chain: wrappers say less than what they wrap. */
export function readSymptom(chain: readonly unknown[]): Symptom {
  const closed = chain.findIndex((link) => isError(link) && link.name === 'ClosedError');
  // What closed a client before it could send is the cause of that error, and says something else.
  const last = closed === -1 ? chain.findLastIndex((link, index) => index === 0 || isError(link)) : closed;
  const innermost = chain[last];
  const told = codeOf(innermost) || codeOf(chain[last - 1]);
  const message = messageOf(innermost).trim();
  const read = readText(message);
  if (read) return read;
  const code = numberedCode(innermost, told);
  const said = withoutCode(message, code);
  const rest = said.replace(serverPrefix, '').replace(/ \(at offset \d+\)$/, '');
  return {
    code: code === 'PROXY_ERROR' ? proxiedCode(rest) : code,
    message: rest,
    fromServer: serverPrefix.test(said),
    quotesSql: code === 'SQL_INPUT_ERROR' || code === 'SQL_PARSE_ERROR',
  };
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('extendedCode' in error && typeof error.extendedCode === 'string') return error.extendedCode;
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** libsql does not name every extended code; it always tells the number. */
function numberedCode(error: unknown, code: string): string {
  if (!code.startsWith('UNKNOWN_SQLITE')) return code;
  const raw = typeof error === 'object' && error !== null && 'rawCode' in error ? error.rawCode : undefined;
  const number = typeof raw === 'number' ? raw : Number(/\d+$/.exec(code)?.[0]);
  return Number.isInteger(number) ? sqliteCodeName(number) : code;
}

function messageOf(error: unknown): string {
  // Node tries each address of a name, and says nothing but what each attempt says.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return isError(error) ? error.message : String(error);
}

const serverPrefix =
  /^(?:SQLite error|SQL input error|SQL string could not be parsed|error executing a request on the primary): /;

function withoutCode(message: string, code: string): string {
  let rest = message;
  while (code !== '' && rest.startsWith(`${code}: `)) rest = rest.slice(code.length + 2);
  return rest;
}

/** A server that passes writes on to its primary keeps the words of the answer, but not its code. */
function proxiedCode(message: string): string {
  if (/constraint failed|^cannot store \w+ value in/.test(message)) return 'SQLITE_CONSTRAINT';
  if (/^database (?:table )?is locked/.test(message)) return 'SQLITE_BUSY';
  if (/^no such |syntax error|has no column named|already exists/.test(message)) return 'SQLITE_ERROR';
  return 'PROXY_ERROR';
}

/** The address that a file was opened by, as a path. */
function withPath(message: string): string {
  return message.replace(/ file:\/\/([^?]*)\?\S*$/, (_, path: string) => ` ${decodeURIComponent(path)}`);
}

/** The forms in which everything is in the text. */
const forms: readonly (readonly [pattern: RegExp, read: (parts: readonly string[]) => Symptom])[] = [
  // ConnectionFailed("Unable to open connection to local database file:///path?vfs=unix: 14")
  [
    /^ConnectionFailed\("([^]*): (\d+)"\)/,
    ([message = '', code = '']) => local(sqliteCodeName(Number(code)), withPath(unescaped(message))),
  ],
  // RemoteSqliteFailure(3, 2067, "UNIQUE constraint failed: t.a"): the primary's answer with its extended code
  [
    /^RemoteSqliteFailure\(\d+, (\d+), "([^]*)"\)/,
    ([code = '', message = '']) => local(sqliteCodeName(Number(code)), unescaped(message)),
  ],
  // WriteDelegation(status: Unavailable, message: "…", details: [], metadata: …)
  [
    /^WriteDelegation\(status: (\w+), message: "((?:[^"\\]|\\.)*)"/,
    ([status = '', message = '']) => local(`GRPC_${status}`, unescaped(message)),
  ],
  [/^(?:sync error: |Replication\()([^]*?)\)?$/, ([message = '']) => local('REPLICATION', message)],
  [/^Sqlite3UnsupportedStatement/, () => local('UNSUPPORTED_STATEMENT', 'unsupported statement')],
  [
    /^(?:Sqlite3SyntaxError|Sqlite3ParserError|InvalidParserState)\(([^]*)\)$/,
    ([message = '']) => ({ ...local('SQLITE_ERROR', message), quotesSql: true }),
  ],
  // HttpServerError
  [/^(?:SERVER_ERROR: )?Server returned HTTP status (\d{3})(?:: ([^]*))?$/, readHttp],
  // The ws package, when the server refuses the upgrade
  [
    /Unexpected server response: (\d{3})$/,
    ([status = '']) => local(`HTTP_${status}`, `The server refused the WebSocket with HTTP status ${status}`),
  ],
];

function readText(message: string): Symptom | undefined {
  for (const [pattern, read] of forms) {
    const match = pattern.exec(message);
    if (match) return read(match.slice(1));
  }
  return undefined;
}

function readHttp([status = '', body = '']: readonly string[]): Symptom {
  return local(`HTTP_${status}`, `The server answered with HTTP status ${status}${body === '' ? '' : `: ${body}`}`);
}

function local(code: string, message: string): Symptom {
  return { code, message, fromServer: false, quotesSql: false };
}

function unescaped(text: string): string {
  return text.replace(/\\(["'\\])/g, '$1').replace(/\\n/g, '\n');
}
