// The build of a program: a few files that hold everything from its own sources, those of the packages and of others. Node
// finds, reads and links some 400 modules in the time in which a program runs a command.
import { defineConfig } from 'tsup';
import { common } from './tsup.config.js';

export default defineConfig({
  ...common,
  noExternal: [/./],
  // Native.
  external: ['libsql'],
  esbuildOptions: (options) => {
    options.conditions = ['@cc/source'];
  },
  // What comes as CommonJS asks for the modules of Node by `require`.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
});
