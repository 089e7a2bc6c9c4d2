// What imports what, types counted: no circle of files in packages, apps and bench, and inside a package no import from a
// room up to one above it. The order of the rooms is in rooms.mjs. Another root can be named, for the test of this check.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { conclude, root as house } from './packages.mjs';

const root = resolve(process.argv[2] ?? house);
const { rooms, exceptions } = await import(pathToFileURL(join(root, 'scripts', 'checks', 'rooms.mjs')).href);
const source = /\.[cm]?[jt]s$/;
const entries = packageEntries();
const files = new Set(['packages', 'apps', 'bench'].flatMap(filesIn));
const graph = new Map([...files].map((file) => [file, importsOf(file)]));
const used = new Set();
const problems = [...circlesOf(graph), ...unordered(), ...Object.keys(rooms).flatMap(wrongArrows)];
for (const exception of exceptions)
  if (!used.has(exception))
    problems.push(`rooms.mjs excepts ${exception.from} → ${exception.to}, which does not exist`);
const count = [...graph.values()].reduce((sum, { length }) => sum + length, 0);
conclude(problems, `${count} imports of ${graph.size} files go one way`);

function filesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return source.test(entry.name) && !/\.d\.[cm]?ts$/.test(entry.name) ? [path] : [];
    return entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.') ? [] : filesIn(path);
  });
}

/** The source of each entry of each package, by what it is imported as. */
function packageEntries() {
  const found = new Map();
  for (const name of readdirSync(join(root, 'packages'))) {
    const file = join(root, 'packages', name, 'package.json');
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    for (const [path, target] of Object.entries(manifest.exports ?? {})) {
      const entry = target['@cc/source'];
      if (entry !== undefined) found.set(manifest.name + path.slice(1), join('packages', name, entry));
    }
  }
  return found;
}

/** Files of ours that `file` imports or names in a type, each once, with the line of the first time. */
function importsOf(file) {
  const tree = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found = new Map();
  const visit = (node) => {
    const literal = specifierOf(node);
    const target = literal === undefined ? undefined : resolved(file, literal.text);
    if (target !== undefined && !found.has(target))
      found.set(target, tree.getLineAndCharacterOfPosition(literal.getStart()).line + 1);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return [...found].map(([target, line]) => ({ target, line }));
}

/** `import`, `import type`, `export … from`, `import('…')` as a call and as a type, and `require`. */
function specifierOf(node) {
  const named = ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined;
  const typed = ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  const isCall =
    ts.isCallExpression(node) &&
    (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require');
  const literal = named ?? typed ?? (isCall ? node.arguments[0] : undefined);
  return literal !== undefined && ts.isStringLiteralLike(literal) ? literal : undefined;
}

function resolved(from, specifier) {
  const path = specifier.replace(/\?.*$/, '');
  if (!path.startsWith('.')) return entries.get(path);
  const target = relative(root, resolve(root, dirname(from), path));
  const typescript = target.replace(/\.([cm]?)js$/, '.$1ts');
  // Others are no sources of ours: data, and what a build has made.
  return [target, typescript].find((each) => files.has(each));
}

/** One line for each knot of files that all lead to one another: the shortest way round through its first file. */
function circlesOf(imports) {
  return knotsOf(imports)
    .filter((knot) => knot.length > 1 || imports.get(knot[0]).some(({ target }) => target === knot[0]))
    .map((knot) => {
      const [start] = knot.sort();
      const way = shortestWay(imports, start, new Set(knot));
      const more = knot.length > way.length - 1 ? ` (${knot.length} files lead to one another here)` : '';
      return `a circle of imports: ${way.map(unix).join(' → ')}${more}`;
    });
}

/** The strongly connected components (Tarjan). */
function knotsOf(imports) {
  const [index, low, open, path, knots] = [new Map(), new Map(), new Set(), [], []];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    path.push(file);
    open.add(file);
    for (const { target } of imports.get(file) ?? []) {
      if (!index.has(target)) visit(target);
      if (open.has(target)) low.set(file, Math.min(low.get(file), low.get(target)));
    }
    if (low.get(file) !== index.get(file)) return;
    const knot = path.splice(path.indexOf(file));
    for (const each of knot) open.delete(each);
    knots.push(knot);
  };
  for (const file of imports.keys()) if (!index.has(file)) visit(file);
  return knots;
}

function shortestWay(imports, start, among) {
  const ways = [[start]];
  const seen = new Set();
  for (const way of ways) {
    for (const { target } of imports.get(way.at(-1))) {
      if (target === start) return [...way, start];
      if (!among.has(target) || seen.has(target)) continue;
      seen.add(target);
      ways.push([...way, target]);
    }
  }
  return ways[0];
}

function unordered() {
  const packages = new Set(
    [...files]
      .map((file) => file.split(sep))
      .flatMap(([kind, name, part]) => (kind === 'packages' && part === 'src' ? [name] : [])),
  );
  return [...packages]
    .filter((name) => !(name in rooms))
    .map((name) => `rooms.mjs has no order of the rooms of @cc/${name}`);
}

function wrongArrows(name) {
  const order = rooms[name];
  const folder = join('packages', name, 'src') + sep;
  const roomOf = (file) => file.slice(folder.length).split(sep)[0].replace(source, '');
  const own = [...files].filter((file) => file.startsWith(folder));
  const present = new Set(own.map(roomOf));
  const found = order
    .filter((room) => !present.has(room))
    .map((room) => `rooms.mjs: @cc/${name} has no room '${room}'`);
  for (const room of present)
    if (!order.includes(room)) found.push(`rooms.mjs: the room '${room}' of @cc/${name} has no place in its list`);
  for (const file of own) {
    for (const { target, line } of graph.get(file)) {
      if (!target.startsWith(folder) || order.indexOf(roomOf(target)) >= order.indexOf(roomOf(file))) continue;
      const exception = exceptions.find(({ from, to }) => from === bare(file) && to === bare(target));
      if (exception !== undefined) used.add(exception);
      else
        found.push(
          `${unix(file)}:${line}  imports ${unix(target)}, but '${roomOf(file)}' is below '${roomOf(target)}' (rooms.mjs)`,
        );
    }
  }
  return found;
}

function bare(file) {
  return unix(file).replace(source, '');
}

function unix(file) {
  return file.split(sep).join('/');
}
