// Every block of code in the pages is accounted for: TypeScript is typechecked against the sources of the packages, and
// for the rest `block-claims.mjs` names the test that runs it, or says why none does. Usage: code-blocks.mjs [folder]
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readMarkdown, repositoryFiles } from './markdown.mjs';
import { conclude, root } from './packages.mjs';

const folder = process.argv[2] ?? root;
const { beside, claims } = await import(pathToFileURL(join(folder, 'scripts/checks/block-claims.mjs')).href);
/** Pages that are written by programs, from what has a check of its own. */
const written = /^(\.changeset|bench\/results)\/|(^|\/)(api|CHANGELOG)\.md$/;
const typed = new Set(['ts', 'tsx']);

const read = (file) => readFileSync(join(folder, file), 'utf8');
const pages = repositoryFiles(folder).filter((file) => file.endsWith('.md') && !written.test(file));
const blocks = pages.flatMap((page) => {
  const { blocks, headings } = readMarkdown(read(page));
  return blocks.map((block) => ({
    ...block,
    page,
    under: headings.findLast(({ anchor }) => anchor === block.heading)?.text ?? '',
  }));
});
const programs = programsOf(blocks.filter(({ language }) => typed.has(language)));
conclude(
  [
    ...blocks.flatMap(unclaimed),
    ...claims.flatMap(faultsOfClaim),
    ...needlessBeside(),
    ...(await typeErrors(programs)),
  ],
  `${blocks.length} blocks of ${pages.length} pages are accounted for, ${programs.length} programs typecheck`,
);

function unclaimed(block) {
  const at = `${block.page}:${block.line}`;
  if (block.language === '') return [`${at}  a block says its language; what is no code is "text"`];
  const scripts = Object.keys(JSON.parse(read('package.json')).scripts ?? {});
  const unknown = block.lines
    .flatMap((line) => /^\s*npm run ([\w:-]+)/.exec(line)?.[1] ?? [])
    .filter((script) => !scripts.includes(script))
    .map((script) => `${at}  package.json has no script "${script}"`);
  const isClaimed = typed.has(block.language) || claims.some((claim) => covers(claim, block));
  return isClaimed
    ? unknown
    : [
        `${at}  nothing runs this ${block.language}: name the test in block-claims.mjs, or why there is none`,
        ...unknown,
      ];
}

function covers({ page, under, languages }, block) {
  return page === block.page && languages.includes(block.language) && (under === undefined || under === block.under);
}

// A test that runs a block reads its page, so it names it.
function faultsOfClaim(claim) {
  const { page, under = '', languages, by, because } = claim;
  const name = `block-claims.mjs: the claim of ${page}${under && `, "${under}"`} (${languages.join(', ')})`;
  if (!blocks.some((block) => covers(claim, block))) return [`${name} is for no block`];
  if ((by === undefined) === (because === undefined)) return [`${name} has either "by" or "because"`];
  if (by === undefined) return [];
  if (!existsSync(join(folder, by))) return [`${name} names ${by}, which is not there`];
  const text = read(by);
  const readsPage = [basename(page), basename(dirname(page))].some((word) => text.includes(word));
  return readsPage && text.includes(under) ? [] : [`${name} names ${by}, which does not read it`];
}

// One program to a block, to a page whose blocks are one, or to a name in the first line of a block. `lines` are those of
// the page, and `beside` stands behind them, so that what the compiler says fits the page.
function programsOf(list) {
  const found = new Map();
  for (const block of list) {
    const { page, lines, line, language } = block;
    const { together, code = '', within } = besideOf(block);
    const [, own] = /^\/\/ ([\w.-]+\.ts)\b/.exec(lines[0] ?? '') ?? [];
    const name = together ? `whole.${language}` : (own ?? `line-${line}.${language}`);
    const path = join(placeOf(page), 'pages', page, name);
    const program = found.get(path) ?? { path, page, lines: [], code: '' };
    while (program.lines.length < line) program.lines.push('');
    program.lines.push(...lines);
    if (within !== undefined) {
      // The imports go first, on the lines that they have.
      const first = lines.findIndex((each) => each !== '' && !each.startsWith('import '));
      program.lines[line + first] = `${within} ${program.lines[line + first]}`;
      program.lines.push('}');
    }
    program.code = [code, 'export {};'].join('\n');
    found.set(path, program);
  }
  return [...found.values()];
}

function besideOf({ page, heading }) {
  return beside[`${page}#${heading}`] ?? beside[page] ?? {};
}

function needlessBeside() {
  return Object.keys(beside)
    .filter(
      (key) =>
        !blocks.some(
          (block) => typed.has(block.language) && [block.page, `${block.page}#${block.heading}`].includes(key),
        ),
    )
    .map((key) => `block-claims.mjs: what stands beside ${key} is for no block`);
}

/** Where the programs of a page find their packages. */
function placeOf(page) {
  const [, name] = /^packages\/([^/]+)\//.exec(page) ?? [];
  if (name === undefined) return join(folder, 'examples');
  return join(folder, 'packages', name === 'cache' ? 'together' : name);
}

async function typeErrors(programs) {
  if (programs.length === 0) return [];
  const { default: ts } = await import('typescript');
  const config = ts.readConfigFile(join(folder, 'tsconfig.base.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, folder);
  const texts = new Map(programs.map((each) => [each.path, [...each.lines, each.code].join('\n')]));
  const onDisk = ts.createCompilerHost(options);
  // They exist for the compiler only.
  const host = {
    ...onDisk,
    fileExists: (path) => texts.has(path) || onDisk.fileExists(path),
    readFile: (path) => texts.get(path) ?? onDisk.readFile(path),
    directoryExists: (path) =>
      ts.sys.directoryExists(path) || [...texts.keys()].some((each) => each.startsWith(`${path}/`)),
    getSourceFile: (path, version, ...rest) =>
      texts.has(path)
        ? ts.createSourceFile(path, texts.get(path), version, true)
        : onDisk.getSourceFile(path, version, ...rest),
  };
  // The sources of the packages have a check of their own.
  const program = ts.createProgram({ rootNames: [...texts.keys()], options, host });
  return programs.flatMap(({ path, page, lines }) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((each) => {
      const line = file.getLineAndCharacterOfPosition(each.start ?? 0).line;
      const at = line < lines.length ? `${page}:${line + 1}` : `block-claims.mjs, beside ${page}`;
      return `${at}  ${ts.flattenDiagnosticMessageText(each.messageText, '\n')}`;
    });
  });
}
