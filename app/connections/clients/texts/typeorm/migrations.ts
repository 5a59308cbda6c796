// For TypeORM's own command, past the pooler and without limits of time:
//     node --import tsx node_modules/typeorm/cli.js migration:run -d migrations.ts
import { DataSource } from 'typeorm';
import { connection } from './connection.js';

const { user: username, ...server } = connection(process.env.DIRECT_URL);

export default new DataSource({
  type: 'postgres',
  ...server,
  username,
  migrations: ['migrations/*.ts'],
  extra: { max: 1 },
});
