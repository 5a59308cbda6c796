// PostgreSQL by Prisma 7 over node-postgres: one pool for the process. Everything it has to know is in the environment.
import { PrismaPg } from '@prisma/adapter-pg';
import { connection } from './connection.js';
import { PrismaClient } from './generated/prisma/client.js';

// One client even where a development server loads this module anew with each change: each would open a pool.
const kept = globalThis as { prisma?: PrismaClient };
export const prisma = kept.prisma ?? client();
if (process.env.NODE_ENV !== 'production') kept.prisma = prisma;

function client() {
  const adapter = new PrismaPg(
    {
      ...connection(process.env.DATABASE_URL),
      min: Number(process.env.DATABASE_POOL_MIN ?? 0),
      max: Number(process.env.DATABASE_POOL_MAX ?? 10),
      connectionTimeoutMillis: Number(process.env.PGCONNECT_TIMEOUT ?? 10) * 1000, // waiting for a free one, too
      idleTimeoutMillis: 300_000,
      maxLifetimeSeconds: 1800, // so that a rotated login and a moved server are noticed
      keepAlive: true,
      query_timeout: 60_000, // for when nothing answers any more; what the server limits it reports itself
      ...(process.env.DATABASE_STATEMENT_TIMEOUT && {
        statement_timeout: Number(process.env.DATABASE_STATEMENT_TIMEOUT) * 1000,
      }),
    },
    // A connection that is lost while it is idle is replaced.
    { onPoolError: (error) => console.error(`PostgreSQL closed an idle connection: ${error.message}`) },
  );
  return new PrismaClient({ adapter });
}
