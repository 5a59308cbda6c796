import { integer, pgTable, text } from 'drizzle-orm/pg-core';

// Your tables in place of this one.
export const items = pgTable('items', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull(),
});
