// Requests made from the OpenAPI description, fitting and odd: none of them breaks the server, every answer is as described, and
// nothing comes out that is not the library's. The description itself is held against the routes.
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as routes from '../src/serve/routes.js';
import { type Description, type Known, misfit, type Operation, valueOf } from './openapi-judge.js';
import { askRaw, serving } from './serving.js';
import { put } from './temporary-library.js';

const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);
const runs = Number(process.env['CC_RANDOM_OPERATIONS'] ?? 150);
const served = serving();

async function describe(): Promise<Description> {
  return (await served().ask('/api/openapi.json')).json;
}

it('describes every route, with its answers', async () => {
  const { paths } = await describe();
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const known = Object.values(routes).map(({ method, path }) => `${method} ${path}`);
  expect(described.sort()).toEqual(known.sort());
  for (const methods of Object.values(paths))
    for (const { responses } of Object.values(methods)) expect(responses).toHaveProperty('default');
});

it(`answers any request as described, and with nothing of the inside (CC_SEED=${seed})`, async () => {
  const { place, ids, server } = served();
  const description = await describe();
  put(place.folder, 'private/secret.txt', 'the secret of the disk');
  const { library, ask } = served();
  const box = await library.repositories.collections.create({ name: 'Box' });
  const known = {
    ids: [...ids.values()],
    texts: [
      ...['hex', 'bolt', 'tag:red', '"', '-', '1', 'q=hex&favorite=true', 'formats=x', '2026-01-01', 'red', box],
      ...['{"key":"a","op":"="}', '{"key":"a","op":">","value":1}', 'library-2026.db', ...ids.values()],
      ...[join(place.folder, 'private'), join(place.models, 'parts'), 'bolt.stl', '../secret.txt'],
    ],
  };
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      path === '/api/events' ? [] : [{ path, method, operation }],
    ),
  );
  const requests = fc.constantFrom(...operations).chain((one) => requestOf(one, description, known));
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, path, address, body, operation }) => {
      const response = await fetch(new URL(address, server.url), {
        method: method.toUpperCase(),
        headers: { 'x-candy': '1', ...(body !== undefined && { 'content-type': body.type }) },
        ...(body !== undefined && { body: body.text }),
      });
      const text = await response.text();
      // The models stay for the requests behind this one.
      if (path === '/api/forget' && response.status === 200) {
        expect(await ask('/api/restore', { body: { undo: JSON.parse(text).undo } })).toMatchObject({ status: 200 });
      }
      const type = response.headers.get('content-type')?.split(';')[0] ?? '';
      if (response.status >= 500) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      expect(text).not.toMatch(/the secret of the disk|root:x:|SQLite format 3|at .*\.[jt]s:\d+/);
      const described = operation.responses[response.status] ?? operation.responses['default'];
      if (response.status >= 400) expect(type).toBe('application/problem+json');
      const schema = described?.content?.[type]?.schema;
      if (/json/.test(type)) {
        const problem =
          response.status === 404 && !operation.responses[404]
            ? operation.responses['default']?.content?.[type]?.schema
            : schema;
        expect(
          problem === undefined ? 'it is not described' : misfit(JSON.parse(text), problem, description),
        ).toBeNull();
      }
    }),
    { seed, numRuns: runs, endOnFailure: true },
  );
});

function requestOf(
  { path, method, operation }: { path: string; method: string; operation: Operation },
  description: Description,
  known: Known,
) {
  const parameters = operation.parameters ?? [];
  const isNeeded = ({ required }: (typeof parameters)[number]): boolean => required === true;
  // A few at once: all of them seldom go together.
  const given = fc
    .subarray(
      parameters.filter((one) => !isNeeded(one)),
      { maxLength: Math.min(3, parameters.filter((one) => !isNeeded(one)).length) },
    )
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(
          [...parameters.filter(isNeeded), ...chosen].map(({ name, schema }) => [
            name,
            valueOf(schema, description, known),
          ]),
        ),
      ),
    );
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const body = content === undefined ? fc.constant(undefined) : valueOf(content.schema, description, known);
  return fc.tuple(given, body).map(([values, value]) => {
    let address = path;
    const query = new URLSearchParams();
    for (const { name, in: where } of parameters) {
      const one: unknown = Reflect.get(values, name);
      if (one === undefined) continue;
      const texts = (Array.isArray(one) ? one : [one]).map((item) =>
        (typeof item === 'string' ? item : JSON.stringify(item)).toWellFormed(),
      );
      if (where === 'path') address = address.replace(`{${name}}`, encodeURIComponent(texts[0] || 'x'));
      else if (where === 'query') for (const text of texts) query.append(name, text);
    }
    const text = type === 'application/json' ? JSON.stringify(value) : String(value);
    return {
      method,
      path,
      operation,
      address: `${address}?${query.toString()}`,
      body: type === undefined ? undefined : { type, text },
    };
  });
}

it('answers any path and any bytes of a body', async () => {
  const { server } = served();
  const path = fc.array(
    fc.constantFrom(
      '/',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '%00',
      '%',
      'api',
      'models',
      'assets',
      'etc',
      'passwd',
      '?',
      '#',
      ';',
      '~',
      'ü',
    ),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(
      path,
      fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
      async (parts, method) => {
        const { status, body } = await askRaw(
          server.url,
          encodeURI(`/${parts.join('')}`).replaceAll('%25', '%'),
          {},
          method,
        );
        expect(status).toBeLessThan(500);
        expect(body).not.toContain('root:x:');
      },
    ),
    { seed, numRuns: runs },
  );
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"edits":[]}',
    '{"edits":{}}',
    '\ufeff{}',
    '"\\ud800"',
    `${'['.repeat(50_000)}`,
  ]) {
    const response = await fetch(new URL('/api/edits', server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    });
    expect([text.slice(0, 20), response.status]).toEqual([text.slice(0, 20), 400]);
  }
});
