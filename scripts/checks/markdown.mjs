// The pages of the repository as the checks read them: headings with the anchors that GitHub gives them, links, and
// fenced blocks. `links.mjs` and `code-blocks.mjs` judge them.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The files that are in the repository or would be with the next commit, by their paths in it. */
export function repositoryFiles(folder) {
  return execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: folder, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(folder, file)));
}

/** `{ headings, anchors, links, blocks }` of a page, each with its `line`. */
export function readMarkdown(text) {
  const blocks = [];
  const headings = [];
  const prose = [];
  let open;
  for (const [n, line] of text.split('\n').entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/.exec(line);
    if (open === undefined && fence) {
      const [, indent, mark, language] = fence;
      open = { line: n + 1, language, mark, indent, lines: [], heading: headings.at(-1)?.anchor ?? '' };
      blocks.push(open);
    } else if (open !== undefined && line.trim().startsWith(open.mark) && /^\s*(`+|~+)\s*$/.test(line)) {
      open = undefined;
    } else if (open !== undefined) {
      open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    }
    // Fences stay in as empty lines, so that the lines of the prose are those of the page.
    prose.push(open === undefined && !fence ? line : '');
    const heading = open === undefined && /^#{1,6}\s+(.*?)\s*#*$/.exec(line);
    if (heading) headings.push({ line: n + 1, text: heading[1], anchor: freshAnchor(heading[1], headings) });
  }
  const shown = prose
    .join('\n')
    .replace(/<!--[^]*?-->/g, blank)
    .replace(/(?<!`)(`+)(?!`)((?!\n\n)[^])*?(?<!`)\1(?!`)/g, blank);
  const named = [...shown.matchAll(/<[^>]*\b(?:id|name)="([^"]+)"/g)].map(([, id]) => id);
  return {
    headings,
    anchors: new Set([...headings.map(({ anchor }) => anchor), ...named]),
    links: linksIn(shown),
    blocks: blocks.map(({ line, language, lines, heading }) => ({ line, language, lines, heading })),
  };
}

function freshAnchor(heading, before) {
  const plain = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  const anchor = plain.replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '').replace(/ /g, '-');
  const taken = new Set(before.map((each) => each.anchor));
  if (!taken.has(anchor)) return anchor;
  let n = 1;
  while (taken.has(`${anchor}-${n}`)) n += 1;
  return `${anchor}-${n}`;
}

function linksIn(text) {
  const at = (index) => text.slice(0, index).split('\n').length;
  const inline = text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/g);
  const defined = text.matchAll(/^ {0,3}\[([^\]]+)\]:\s*<?([^\s>]+)>?/gm);
  const attributes = text.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g);
  const links = [...inline, ...attributes].map((found) => ({
    index: found.index,
    line: at(found.index),
    target: found[1],
  }));
  const names = new Set();
  for (const { index, 1: name, 2: target } of defined) {
    names.add(name.toLowerCase());
    links.push({ index, line: at(index), target });
  }
  for (const { index, 0: whole, 1: name } of text.matchAll(/\[[^\][]+\]\[([^\][]+)\]/g)) {
    if (!names.has(name.toLowerCase())) links.push({ index, line: at(index), target: undefined, whole });
  }
  return links.sort((a, b) => a.index - b.index);
}

function blank(text) {
  return text.replace(/[^\n]/g, ' ');
}
