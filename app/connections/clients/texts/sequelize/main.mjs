import { createServer } from 'node:http';
import { sequelize } from './database.mjs';

const [rows] = await sequelize.query('SELECT current_user AS role, current_database() AS database WHERE 1 = $1', {
  bind: [1],
});
console.log(`connected as ${rows[0].role} to ${rows[0].database}`);

// Your server in place of this one, which says whether the database answers.
const server = createServer(async (_request, response) => {
  try {
    await sequelize.query('SELECT 1');
    response.writeHead(200).end('ok\n');
  } catch (error) {
    console.error(`PostgreSQL: ${error.message}`);
    response.writeHead(503).end('the database does not answer\n');
  }
});
server.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST }, () => {
  console.log(`listening on ${server.address().port}`);
});

function stop() {
  setTimeout(() => process.exit(1), 10_000).unref(); // whatever hangs
  server.close(async () => {
    await sequelize.close(); // after the requests that use it
  });
  setInterval(() => server.closeIdleConnections(), 100).unref(); // that clients keep open between requests
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
