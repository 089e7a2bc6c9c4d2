// Every link of every page leads to a file and a heading that are there; what a package publishes links to what its
// tarball carries; and docs/README.md names every page of docs. Usage: links.mjs [folder of the repository]
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { readMarkdown, repositoryFiles } from './markdown.mjs';
import { conclude, root } from './packages.mjs';

const folder = process.argv[2] ?? root;
const entrance = 'docs/README.md';
/** What a tarball has whether or not `files` names it. */
const alwaysPacked = ['README.md', 'LICENSE', 'package.json'];

const files = repositoryFiles(folder);
const known = new Set(files.flatMap((file) => [file, ...parentsOf(file)]));
const read = (file) => readFileSync(join(folder, file), 'utf8');
const pages = new Map(files.filter((file) => file.endsWith('.md')).map((file) => [file, readMarkdown(read(file))]));
const links = [...pages].flatMap(([page, { links }]) => links.map((link) => ({ page, ...link })));
const problems = links.flatMap((link) => {
  const problem = problemOf(link);
  return problem === undefined ? [] : [`${link.page}:${link.line}  ${problem}`];
});
conclude([...problems, ...pagesInWords(), ...unnamed()], `${links.length} links of ${pages.size} pages lead somewhere`);

function problemOf({ page, target, whole }) {
  if (target === undefined) return `${whole} has no definition`;
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return undefined;
  const [path = '', anchor] = decodeURIComponent(target)
    .replace(/\?.*?(?=#|$)/, '')
    .split('#', 2);
  if (path.startsWith('/')) return `${target} is no relative link`;
  const to = path === '' ? page : posix.normalize(posix.join(dirname(page), path)).replace(/\/$/, '');
  if (/^\.changeset\/(?!README)/.test(page)) return `${target} is relative, and ends in the CHANGELOG of a package`;
  const owner = ownerOf(page);
  if (owner !== undefined && !isPacked(owner, to))
    return `${target} leads out of the tarball of ${owner.name}: name the page in words, or give a whole URL`;
  // What only the tarball has is looked at by the check "packing".
  if (!known.has(to)) return owner === undefined ? `${target} leads to nothing` : undefined;
  if (anchor === undefined) return undefined;
  if (!pages.has(to)) return `${target} has an anchor, and ${to} is no page`;
  return pages.get(to).anchors.has(anchor) ? undefined : `${target} names no heading of ${to}`;
}

// Readers of a published page have the tarball, and nothing beside it.
function isPacked(owner, to) {
  const inside = to.startsWith(`${owner.folder}/`) ? to.slice(owner.folder.length + 1) : '';
  return [...alwaysPacked, ...owner.files].some((each) => inside === each || inside.startsWith(`${each}/`));
}

function ownerOf(page) {
  const [, owner] = /^(packages\/[^/]+)\/(?:README|CHANGELOG)\.md$/.exec(page) ?? [];
  if (owner === undefined) return undefined;
  const { name, files = [], private: isPrivate } = JSON.parse(read(`${owner}/package.json`));
  return isPrivate ? undefined : { folder: owner, name, files };
}

// What published pages say in words, where they cannot link.
function pagesInWords() {
  return [...pages.keys()]
    .filter(ownerOf)
    .flatMap((page) =>
      [...read(page).matchAll(/`(docs\/[^`\s]+)`/g)]
        .filter(([, file]) => !known.has(file))
        .map(([, file]) => `${page}  ${file} is not there`),
    );
}

function unnamed() {
  const page = pages.get(entrance);
  if (page === undefined) return [`${entrance} is not there`];
  const named = new Set(page.links.map(({ target = '' }) => posix.join('docs', target.split('#')[0])));
  return [...pages.keys()]
    .filter((file) => file.startsWith('docs/') && file !== entrance && !named.has(file))
    .map((file) => `${entrance} does not name ${file}`);
}

function parentsOf(file) {
  const parent = posix.dirname(file);
  return parent === '.' ? ['.'] : [parent, ...parentsOf(parent)];
}
