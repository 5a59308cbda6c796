// PostgreSQL by Sequelize: one pool for the process. Everything it has to know is in the environment.
import { Sequelize } from 'sequelize';
import { connection } from './connection.mjs';

const { ssl, user: username, ...server } = connection(process.env.DATABASE_URL);

// A connection that is lost while it is idle is replaced: Sequelize listens for its errors.
export const sequelize = new Sequelize({
  ...server,
  username,
  dialect: 'postgres',
  logging: false,
  pool: {
    min: Number(process.env.DATABASE_POOL_MIN ?? 0),
    max: Number(process.env.DATABASE_POOL_MAX ?? 10),
    acquire: 10_000, // that a request waits for a free connection
    idle: 300_000,
    evict: 10_000,
  },
  // It would begin each session by SET, which behind a pooler reaches the sessions of others.
  keepDefaultTimezone: true,
  dialectOptions: {
    ssl,
    clientMinMessages: 'ignore',
    connectionTimeoutMillis: Number(process.env.PGCONNECT_TIMEOUT ?? 10) * 1000,
    keepAlive: true,
    query_timeout: 60_000, // for when nothing answers any more; what the server limits it reports itself
    ...(process.env.DATABASE_STATEMENT_TIMEOUT && {
      statement_timeout: Number(process.env.DATABASE_STATEMENT_TIMEOUT) * 1000,
    }),
  },
});
