// Where `prisma generate` finds the schema; the file of the database is given when the client is opened.
import { defineConfig } from 'prisma/config';

export default defineConfig({ schema: 'prisma/schema.prisma' });
