import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'drizzle-orm';
import { client, db } from './database.js';

const [row] = await db.execute(sql`SELECT current_user AS role, current_database() AS database WHERE 1 = ${1}::int`);
console.log(`connected as ${row.role} to ${row.database}`);

// Your server in place of this one, which says whether the database answers.
const server = createServer(async (_request, response) => {
  try {
    await db.execute(sql`SELECT 1`);
    response.writeHead(200).end('ok\n');
  } catch (error) {
    console.error(`PostgreSQL: ${(error as Error).message}`);
    response.writeHead(503).end('the database does not answer\n');
  }
});
server.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST }, () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});

function stop() {
  setTimeout(() => process.exit(1), 10_000).unref(); // whatever hangs
  server.close(async () => {
    await client.end({ timeout: 8 }); // seconds for queries under way
  });
  setInterval(() => server.closeIdleConnections(), 100).unref(); // that clients keep open between requests
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
