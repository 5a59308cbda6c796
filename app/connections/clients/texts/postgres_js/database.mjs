// PostgreSQL by postgres.js: one pool for the process. Everything it has to know is in the environment.
import postgres from 'postgres';
import { connection } from './connection.mjs';

// A connection that is lost while it is idle is replaced by the next query: there is no error to listen for.
export const sql = postgres({
  ...connection(process.env.DATABASE_URL),
  max: Number(process.env.DATABASE_POOL_MAX ?? 10), // opened when they are needed; it keeps no minimum
  connect_timeout: Number(process.env.PGCONNECT_TIMEOUT ?? 10), // seconds, as all of these
  idle_timeout: 300,
  max_lifetime: 1800, // so that a rotated login and a moved server are noticed
  keep_alive: 30,
  prepare: process.env.DATABASE_PREPARED_STATEMENTS !== 'false',
  onnotice: (notice) => console.info(`PostgreSQL: ${notice.message}`),
  connection: {
    ...(process.env.DATABASE_STATEMENT_TIMEOUT && {
      statement_timeout: Number(process.env.DATABASE_STATEMENT_TIMEOUT) * 1000,
    }),
  },
});
