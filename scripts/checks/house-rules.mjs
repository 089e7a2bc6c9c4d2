// The rules of the house that a machine can check: names and length of files, their opening lines, the files that comments
// name, TSDoc on exports, facts as test titles, no test part in what is published, and nothing that ties a committed file to
// one machine. CONTRIBUTING.md lists them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { conclude, root } from './packages.mjs';

const maxLines = 400;
/** Sources past this many say in their opening comment why: "Long, because …". */
const maxLinesUnsaid = 300;
const maxOpeningLines = 4;
const testParts = '@cc/testkit';
const vague = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'manager']);
// Written so that this file does not contain what it looks for.
const machineBound = [
  /\bregistry\.[a-z0-9-]+\.[a-z]{2,}/i,
  /(?<![\w.])\/(?:wor[k]|roo[t])\/[\w.]/,
  /(?<![\w.])\/(?:hom[e]|User[s])\/[a-z]\w*\//,
  /(?<![\w.])\/tmp\/brie[f]\b/,
];
// False for what Node, the native driver and `structuredClone` make where a test runner gives each test file globals of its own.
const ofOneRealm = /\binstanceof (?:Array|ArrayBuffer|Date|Error|Map|RegExp|Set|Uint8Array|URL)\b/g;
// Not there under Yarn's Plug'n'Play, which gives a program file handles of its own.
const flushesHandle = /\b(?:file|handle)\w*\.(?:sync|datasync)\(\)/i;
// Where Node's permission model denies to flush by descriptor.
const flushesBoth = /\/backup-file\.ts$/;
const asksForRealms = /\/(?:realms|is-error)\.ts$/;

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)));
conclude([...new Set(files.flatMap(problemsOf))], `${files.length} files keep the rules`);

function problemsOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const say = (line, rule) => `${file}${line ? `:${line}` : ''}  ${rule}`;
  const problems = machineBound.flatMap((pattern) => {
    const found = pattern.exec(text);
    return found ? [say(lineOf(text, found.index), `"${found[0]}" belongs to one machine or registry`)] : [];
  });
  if (/^(packages|apps)\/[^/]+\/package\.json$/.test(file))
    problems.push(...testPartsOf(text).map((rule) => say(0, rule)));
  if (!/\.(ts|mts|mjs|js)$/.test(file)) return problems;
  for (const part of file.split('/').flatMap((name) => name.split('.')[0].split('-'))) {
    if (vague.has(part))
      problems.push(say(0, `"${part}" says nothing: name the file for a noun or verb of the domain`));
  }
  const lines = text.trimEnd().split('\n').length;
  if (lines > maxLines) problems.push(say(0, `${lines} lines; at most ${maxLines}`));
  if (/\/src\//.test(file) && lines > maxLinesUnsaid && !/^(?:\/\/.*\n)*\/\/.*\bLong, because\b/.test(text))
    problems.push(say(1, `${lines} lines; past ${maxLinesUnsaid} the opening comment says "Long, because …"`));
  if (/(^|\/)(src|scripts)\//.test(file)) problems.push(...openingOf(text).map((rule) => say(1, rule)));
  if (/^(packages|apps)\/(?!testkit\/)[^/]+\/src\//.test(file) && text.includes(testParts))
    problems.push(say(lineOf(text, text.indexOf(testParts)), `${testParts} is for tests; a build would take it in`));
  if (/^packages\/(?!testkit\/)[^/]+\/src\/.*\.ts$/.test(file) && !asksForRealms.test(file))
    for (const { 0: found, index } of text.matchAll(ofOneRealm))
      problems.push(say(lineOf(text, index), `${found} is false for those of other realms: ask node:util's types`));
  if (/^packages\/(?!testkit\/)[^/]+\/src\//.test(file) && !flushesBoth.test(file) && flushesHandle.test(text))
    problems.push(say(0, 'a file handle is flushed: flush by descriptor, or with the option of writeFile'));
  problems.push(...absentFilesIn(text).map(([line, rule]) => say(line, rule)));
  if (file.endsWith('.test.ts')) problems.push(...titlesOf(text).map(([line, rule]) => say(line, rule)));
  else if (/^(packages|apps)\/[^/]+\/src\//.test(file))
    problems.push(...declarationsOf(file, text).map(([line, rule]) => say(line, rule)));
  return problems;
}

function testPartsOf(text) {
  const { dependencies, peerDependencies, optionalDependencies } = JSON.parse(text);
  const isUsed = testParts in { ...dependencies, ...peerDependencies, ...optionalDependencies };
  return isUsed ? [`${testParts} is for tests: a devDependency`] : [];
}

function openingOf(text) {
  const lines = text.split('\n').filter((line, n) => !(n === 0 && line.startsWith('#!')));
  const end = lines.findIndex((line) => !/^(\/\/|\/\*| \*)/.test(line));
  if (end === 0) return ['the file opens with comment lines that tell its job and its neighbours'];
  return end > maxOpeningLines ? [`the opening comment has ${end} lines; at most ${maxOpeningLines}`] : [];
}

/** Sources that a comment names and that are not there: most were, under that name. */
function absentFilesIn(text) {
  return text.split('\n').flatMap((line, at) => {
    const [, comment = ''] = /(?:^|\s)(?:\/\/|\/?\*\*?)\s(.*)/.exec(line) ?? [];
    const named = [...comment.matchAll(/(?<![\w./*<…-])[a-z][\w-]*(?:\/[\w-]+)*\.(?:tsx?|mjs)\b/g)].map(
      ([name]) => name,
    );
    const absent = named.filter((name) => !files.some((each) => each === name || each.endsWith(`/${name}`)));
    return absent.map((name) => [at + 1, `a comment names ${name}, which is not there`]);
  });
}

function titlesOf(text) {
  return [...text.matchAll(/\b(?:it|test)(?:\.\w+)*\(\s*(['"`])(?:(?!\1).)*\bshould\b/g)].map(({ index }) => [
    lineOf(text, index),
    'a test title states a fact, without "should"',
  ]);
}

function declarationsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const at = (node) => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const problems = [];
  const undocumented = new Map();
  for (const statement of source.statements) {
    if (ts.isEnumDeclaration(statement)) problems.push([at(statement), 'no enum: a union of literals']);
    if (ts.isExportDeclaration(statement) && !statement.exportClause && basename(file) === 'index.ts')
      problems.push([at(statement), 'index.ts lists the exported names one by one']);
    if (
      !ts.canHaveModifiers(statement) ||
      !ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    )
      continue;
    const documented = ts.getJSDocCommentsAndTags(statement).some((node) => ts.isJSDoc(node) && node.comment);
    for (const name of namesOf(statement)) {
      // One overload with a comment documents all of them.
      if (documented) undocumented.set(name, 0);
      else if (!undocumented.has(name)) undocumented.set(name, at(statement));
    }
  }
  for (const [name, line] of undocumented) if (line > 0) problems.push([line, `"${name}" is exported without TSDoc`]);
  return problems;
}

function namesOf(statement) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map((each) => each.name.getText());
  return statement.name ? [statement.name.getText()] : [];
}

function lineOf(text, index) {
  return text.slice(0, index).split('\n').length;
}
