import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  // The plain SQLite dialect on purpose, also for servers: see docs/migrations.md.
  dialect: 'sqlite',
  schema: ['./src/tables.ts', './src/derived.ts'],
  out: './migrations',
  // Full-text shadow tables and our bookkeeping are not drizzle's to touch.
  tablesFilter: ['!*_fts*', '!__cc_*'],
});
