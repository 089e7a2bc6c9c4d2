// Builds the page into dist/page: hashed files, nothing inline, nothing from elsewhere, so that the strictest content
// policy holds. Whoever installs Candy gets the built files.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The view is three.js, which comes only where a model is looked at.
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
  },
});
