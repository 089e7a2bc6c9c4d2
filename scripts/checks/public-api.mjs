// Compares what each package exports, names, sentences and signatures, with its committed `api.md`. `--update` rewrites the pages.
// It reads the built declarations, so `turbo run build:types` comes first.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { conclude, publishedPackages } from './packages.mjs';

const update = process.argv.includes('--update');
const printer = ts.createPrinter({ removeComments: true });
conclude(publishedPackages().flatMap(compare), update ? 'every api.md is written' : 'no public API changed');

function compare(each) {
  const file = join(each.folder, 'api.md');
  const found = page(each);
  if (update) writeFileSync(file, found);
  const committed = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (found === committed) return [];
  return [
    `${each.manifest.name}: the public API is not the one in api.md; if that is meant, run \`npm run api:update\`.`,
    ...difference(committed, found),
  ];
}

function page({ folder, manifest, entries }) {
  const files = entries.map(([, target]) => join(folder, target.types));
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Error(`Not built: ${missing.join(', ')}`);
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    skipLibCheck: true,
    types: [],
    noLib: true,
  });
  const checker = program.getTypeChecker();
  const exported = entries.map(([path], n) => [path, exportsOf(checker, program.getSourceFile(files[n]))]);
  const hidden = hiddenBehind(
    checker,
    folder,
    exported.flatMap(([, symbols]) => [...symbols.values()]),
  );
  const sections = exported.map(([path, symbols]) => [`## ${path}`, symbols]);
  if (hidden.size > 0) sections.push(['## Not exported, but named by a signature above', hidden]);
  const body = sections.flatMap(([title, symbols]) => [
    title,
    ...[...symbols].sort(byName).map(([name, symbol]) => entry(name, symbol, folder)),
  ]);
  return `# Public API of ${manifest.name}\n\nWritten by \`npm run api:update\`; a change of this page is a change for the people who use the package.\n\n${body.join('\n\n')}\n`;
}

function exportsOf(checker, source) {
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(source));
  return new Map(symbols.map((symbol) => [symbol.name, original(checker, symbol)]));
}

function original(checker, symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

// Types of the same package that no entry exports but that an exported signature names, however far away.
function hiddenBehind(checker, folder, symbols) {
  const seen = new Set(symbols);
  const hidden = new Map();
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const found = checker.getSymbolAtLocation(node);
      const symbol = found && original(checker, found);
      if (symbol && !seen.has(symbol) && topLevel(symbol, folder)) {
        seen.add(symbol);
        hidden.set(symbol.name, symbol);
        symbol.declarations.forEach(visit);
      }
    }
    ts.forEachChild(node, visit);
  };
  for (const symbol of symbols)
    for (const declaration of symbol.declarations ?? []) if (isOurs(declaration, folder)) visit(declaration);
  return hidden;
}

function topLevel(symbol, folder) {
  const declaration = symbol.declarations?.[0];
  return (
    declaration !== undefined &&
    isOurs(declaration, folder) &&
    ts.isSourceFile(statementOf(declaration).parent) &&
    statementOf(declaration) !== declaration.parent
  );
}

function isOurs(declaration, folder) {
  return declaration.getSourceFile().fileName.startsWith(join(folder, 'dist'));
}

function statementOf(declaration) {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
}

function entry(name, symbol, folder) {
  const texts = (symbol.declarations ?? []).map((declaration) => {
    if (!isOurs(declaration, folder)) return `export { ${name} } from another package`;
    const statement = ts.transform(statementOf(declaration), [shortColumns, sortedLiterals]).transformed[0];
    return printer
      .printNode(ts.EmitHint.Unspecified, statement, declaration.getSourceFile())
      .replace(/^(export )?declare /, '');
  });
  const sentence = sentenceOf(symbol);
  const told = sentence === '' ? '' : `${sentence}\n\n`;
  return `### ${name}\n\n${told}\`\`\`ts\n${[...new Set(texts)].join('\n')}\n\`\`\``;
}

// The first sentence of its comment, from the text: the compiler takes the @ of a package's name for a tag.
function sentenceOf(symbol) {
  const comments = (symbol.declarations ?? []).flatMap((each) => ts.getJSDocCommentsAndTags(statementOf(each)));
  const text = comments.find(ts.isJSDoc)?.getText() ?? '';
  const [paragraph] = text
    .replaceAll(/^\/\*\*|\*\/$/g, '')
    .replaceAll(/^\s*\* ?/gm, '')
    .trim()
    .split(/\n\s*\n|(?:^|\s)@(?:throws|deprecated)/);
  const line = paragraph.replaceAll(/\s+/g, ' ').trim();
  return /^.*?[.!?](?=\s+[A-Z`]|$)/.exec(line)?.[0] ?? line;
}

// drizzle spends fifteen lines of types on a column; what its users see of it fits on one.
function shortColumns(context) {
  const told = ['name', 'data', 'notNull', 'hasDefault', 'isPrimaryKey'];
  const visit = (node) => {
    if (!ts.isTypeReferenceNode(node) || !node.typeName.getText().endsWith('SQLiteColumn'))
      return ts.visitEachChild(node, visit, context);
    const members = node.typeArguments[0].members.filter((member) => told.includes(member.name.getText()));
    const column = ts.factory.createTypeLiteralNode(members);
    return ts.factory.createTypeReferenceNode('Column', [ts.setEmitFlags(column, ts.EmitFlags.SingleLine)]);
  };
  return visit;
}

// The compiler writes the literals of an inferred union in the order in which it met them, which differs between builds.
function sortedLiterals(context) {
  const visit = (node) => {
    const visited = ts.visitEachChild(node, visit, context);
    if (!ts.isUnionTypeNode(visited)) return visited;
    const literals = visited.types.filter(ts.isLiteralTypeNode);
    const sorted = literals.toSorted((a, b) => (a.getText() < b.getText() ? -1 : 1)).values();
    return ts.factory.createUnionTypeNode(
      visited.types.map((type) => (ts.isLiteralTypeNode(type) ? sorted.next().value : type)),
    );
  };
  return visit;
}

function byName([a], [b]) {
  return a < b ? -1 : 1;
}

function difference(before, after) {
  const lines = (text) => new Set(text.split('\n'));
  const [old, now] = [lines(before), lines(after)];
  const removed = [...old].filter((line) => !now.has(line)).map((line) => `  - ${line}`);
  const added = [...now].filter((line) => !old.has(line)).map((line) => `  + ${line}`);
  return [...removed, ...added].slice(0, 40);
}
