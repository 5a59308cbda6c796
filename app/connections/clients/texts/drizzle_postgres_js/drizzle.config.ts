// For drizzle-kit, past the pooler: npx drizzle-kit generate && npx drizzle-kit migrate
import { defineConfig } from 'drizzle-kit';
import { connection } from './connection';

export default defineConfig({
  dialect: 'postgresql',
  schema: './schema.ts',
  out: './drizzle',
  dbCredentials: connection(process.env.DIRECT_URL),
});
