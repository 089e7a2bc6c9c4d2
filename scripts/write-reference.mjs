// `npm run docs`: writes a page for every export of every published package into `dist/api`, from the docstrings of the
// sources. A link in them that leads nowhere, and whatever else TypeDoc warns of, ends it with 1.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from 'typedoc';
import ts from 'typescript';
import { publishedPackages, root } from './checks/packages.mjs';

const out = join(root, 'dist', 'api');
const entries = publishedPackages().flatMap(({ folder, manifest }) =>
  Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object' && target['@cc/source'] !== undefined)
    .map(([path, target]) => [manifest.name + path.slice(1), join(folder, target['@cc/source'])]),
);

const app = await Application.bootstrapWithPlugins({
  plugin: ['typedoc-plugin-markdown'],
  name: 'Candy-Cadence',
  readme: 'none',
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  // That every type of a signature is exported has a test in each package; TypeDoc asks it of inferred types too.
  validation: { notExported: false, invalidLink: true, invalidPath: true },
  // What is inherited from drizzle and @libsql/client has its own pages there.
  excludeExternals: true,
  outputs: [{ name: 'markdown', path: out }],
  hidePageHeader: true,
  entryFileName: 'README',
  tsconfig: join(root, 'tsconfig.base.json'),
  logLevel: 'Warn',
});

// One program for all, so that a name of one package links to its page in another.
const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (file) => readFileSync(file, 'utf8'));
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram({ rootNames: entries.map(([, file]) => file), options });
const project = app.converter.convert(
  entries.map(([displayName, file]) => ({ displayName, program, sourceFile: program.getSourceFile(file) })),
);
app.validate(project);
rmSync(out, { recursive: true, force: true });
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
else process.stdout.write(`${entries.length} entries are told in ${join('dist', 'api')}\n`);
