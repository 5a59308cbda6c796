// PostgreSQL by node-postgres: one pool for the process. Everything it has to know is in the environment.
import pg from 'pg';
import { connection } from './connection.mjs';

export const pool = new pg.Pool({
  ...connection(process.env.DATABASE_URL),
  min: Number(process.env.DATABASE_POOL_MIN ?? 0),
  max: Number(process.env.DATABASE_POOL_MAX ?? 10),
  connectionTimeoutMillis: Number(process.env.PGCONNECT_TIMEOUT ?? 10) * 1000, // waiting for a free connection, too
  idleTimeoutMillis: 300_000,
  maxLifetimeSeconds: 1800, // so that a rotated login and a moved server are noticed
  keepAlive: true,
  query_timeout: 60_000, // for when nothing answers any more; what the server limits it reports itself
  ...(process.env.DATABASE_STATEMENT_TIMEOUT && {
    statement_timeout: Number(process.env.DATABASE_STATEMENT_TIMEOUT) * 1000,
  }),
});

// A connection that is lost while it is idle is replaced. Without a listener it would end the process.
pool.on('error', (error) => console.error(`PostgreSQL closed an idle connection: ${error.message}`));
