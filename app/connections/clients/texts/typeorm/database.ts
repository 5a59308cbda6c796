// PostgreSQL by TypeORM: one pool for the process. Everything it has to know is in the environment.
import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { connection } from './connection.js';

const { user: username, ...server } = connection(process.env.DATABASE_URL);

export const database = new DataSource({
  type: 'postgres',
  ...server,
  username,
  entities: [],
  synchronize: false, // migrations change tables, and nothing else
  connectTimeoutMS: Number(process.env.PGCONNECT_TIMEOUT ?? 10) * 1000, // waiting for a free connection, too
  // A connection that is lost while it is idle is replaced.
  poolErrorHandler: (error: Error) => console.error(`PostgreSQL closed an idle connection: ${error.message}`),
  extra: {
    min: Number(process.env.DATABASE_POOL_MIN ?? 0),
    max: Number(process.env.DATABASE_POOL_MAX ?? 10),
    idleTimeoutMillis: 300_000,
    maxLifetimeSeconds: 1800, // so that a rotated login and a moved server are noticed
    keepAlive: true,
    query_timeout: 60_000, // for when nothing answers any more; what the server limits it reports itself
    ...(process.env.DATABASE_STATEMENT_TIMEOUT && {
      statement_timeout: Number(process.env.DATABASE_STATEMENT_TIMEOUT) * 1000,
    }),
  },
});
