// No regular expression of the sources can read a text in so many ways that its time grows faster than the text, from one
// place on: with two ways to skip white space, sixty blanks kept a process for ever. Expressions that are tried from each
// place of a text are left: their authors look at how long it may be.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from 'scslre';
import ts from 'typescript';
import { conclude, root } from './packages.mjs';

const files = execFileSync('git', ['ls-files', '-z', 'packages/*/src/*', 'apps/*/src/*', 'apps/*/page/*'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => /\.[jt]sx?$/.test(file));
const literals = files.flatMap(literalsOf);
conclude(literals.flatMap(problemsOf), `${literals.length} regular expressions read a text in one way`);

function literalsOf(file) {
  const tree = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (ts.isRegularExpressionLiteral(node)) {
      const line = tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push({ place: `${file}:${line}`, text: node.text, end: node.text.lastIndexOf('/') });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function problemsOf({ place, text, end }) {
  const { reports } = analyse({ source: text.slice(1, end), flags: text.slice(end + 1) });
  return reports
    .filter(({ type }) => type !== 'Move')
    .map(
      ({ exponential }) =>
        `${place}  ${text} takes ${exponential ? 'for ever' : 'the square of the time'} for texts it does not match`,
    );
}
