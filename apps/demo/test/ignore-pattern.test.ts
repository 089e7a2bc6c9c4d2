// What a pattern of a `.candyignore` fits, judged by git.
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { expect, it } from 'vitest';
import { pathPattern } from '../src/importing/ignore-pattern.js';

const patterns = [
  ...['a', '*', '**', '?', 'a*', '*a', 'a*c', '*a*c*', 'a?c', '\\*', '\\a', 'a.b', '{a,b}', '(a|b)', '^a$', '+'],
  ...['/a', '/*', 'a/b', 'a/*', '*/b', 'a/**', '**/b', 'a/**/b', '**/a/**', 'a**b', 'x/a**b', '/**', '**/**', 'a/*/c'],
  ...[
    '[ab]',
    '[!ab]',
    '[^ab]',
    '[a-c]x',
    '[c-a]',
    '[]a]',
    '[!]a]',
    '[a',
    '[',
    'a[',
    '[]',
    '[a-]',
    '[-a]',
    '[\\]]',
    '[a\\-c]',
  ],
  ...[
    '[[]',
    '[[:alpha:]]',
    '[![:alpha:]]',
    '[[:digit:][:upper:]]*',
    '[[:space:]]',
    '[[:nope:]]',
    '[[:punct:]]',
    '[a-z',
  ],
];
const names = [
  'a',
  'b',
  'c',
  'ab',
  'abc',
  'aXc',
  'a.b',
  'ax',
  'A1',
  '1',
  '*',
  '[',
  '[a',
  ']',
  '-',
  '^',
  '^a$',
  '{a,b}',
  '(a|b)',
  '+',
];
const paths = [...names, ' ', 'x'].flatMap((name) => [
  name,
  `a/${name}`,
  `x/${name}`,
  `${name}/b`,
  `a/x/${name}`,
  `x/a/${name}/b`,
]);

it('counts characters, where git counts bytes', () => {
  for (const [pattern, fitting] of [
    ['?', ['é', '🙂', 'a']],
    ['é?', ['éa']],
    ['[!a]', ['é', '🙂']],
    ['[à-é]', ['é']],
  ] as const)
    expect([pattern, ['é', '🙂', 'éa', 'a'].filter(pathPattern(pattern))]).toEqual([pattern, fitting]);
});

it('fits the paths that it fits in a .gitignore', async () => {
  const folder = await temporaryFolder();
  const git = (...args: string[]) => ['-C', folder, ...args];
  execFileSync('git', git('init', '-q'));
  for (const pattern of patterns) {
    writeFileSync(join(folder, '.gitignore'), `${pattern}\n`);
    // It ends with 1 where none fits.
    const { stdout } = spawnSync('git', git('check-ignore', '--no-index', '--stdin', '-z', '-v', '-n'), {
      input: `${paths.join('\0')}\0`,
      encoding: 'utf8',
    });
    // Of each path four fields: where the pattern is, its line, the pattern, the path.
    const fields = stdout.split('\0');
    const byGit = paths.filter((_, at) => fields[4 * at + 2] !== '');
    const fits = pathPattern(pattern);
    // What is in a folder that is passed over is passed over.
    const foldersOf = (path: string) => path.split('/').map((_, at, all) => all.slice(0, at + 1).join('/'));
    expect([pattern, paths.filter((path) => foldersOf(path).some(fits))]).toEqual([pattern, byGit]);
  }
});
