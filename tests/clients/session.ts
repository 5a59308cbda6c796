// The README's session in TypeScript, with the generated client. Prints what came out of it as one JSON object.

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";

import { pgmanager } from "pgmanager-client";
import type { JobEventView, JobView, Problem } from "pgmanager-client";

const LOAD = `
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL);
INSERT INTO orders SELECT n, n * 0.99 FROM generate_series(1, 100000) AS n;
`;

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const api = pgmanager(variable("PGM_URL"), variable("PGM_KEY"));

/** What an answer carries, unless it is a problem document. */
function good<Data>(answer: { data?: Data; error?: Problem }): Data {
  if (answer.error !== undefined) throw new Error(`${answer.error.code}: ${answer.error.detail}`);
  if (answer.data === undefined) throw new Error("an answer without a body");
  return answer.data;
}

function once(): { "Idempotency-Key": string } {
  return { "Idempotency-Key": randomUUID() };
}

async function finished(job: JobView | null): Promise<JobView> {
  if (job === null) throw new Error("there is no job");
  let now = job;
  while (!now.done) {
    const params = { path: { job_id: now.id }, query: { wait: 30 } };
    now = good(await api.GET("/v1/jobs/{job_id}", { params }));
  }
  if (now.state !== "succeeded") throw new Error(`${now.kind} ${now.state}: ${now.error?.detail}`);
  return now;
}

/** The stored events of a job as they come, until its end; those of progress have no number. */
async function* events(jobId: string): AsyncGenerator<JobEventView> {
  const params = { path: { job_id: jobId } };
  const stream = good(await api.GET("/v1/jobs/{job_id}/events", { params, parseAs: "stream" }));
  if (stream === null) return;
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of stream) {
    text += decoder.decode(piece, { stream: true });
    const messages = text.split("\n\n");
    text = messages.pop() ?? "";
    for (const message of messages) {
      const lines = message.split("\n");
      const data = lines.find((line) => line.startsWith("data: "));
      if (data !== undefined && lines.some((line) => line.startsWith("id: "))) yield JSON.parse(data.slice(6));
    }
  }
}

/** The variables have the names that libpq reads, so that no password becomes an argument. */
function psql(variables: Record<string, string>, sql: string): string {
  const command = ["--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1", "--command", sql];
  return execFileSync("psql", command, { env: { ...process.env, ...variables }, encoding: "utf8" }).trim();
}

const project = good(await api.POST("/v1/projects", { body: { name: "typescript" } }));
const location = good(
  await api.POST("/v1/locations", {
    body: {
      project_id: project.id,
      name: "main",
      endpoint_url: variable("S3_ENDPOINT"),
      bucket: variable("S3_BUCKET"),
      prefix: "typescript",
      region: "us-east-1",
      addressing: "path",
      allow_insecure: true,
      access_key_id: variable("S3_ACCESS_KEY_ID"),
      secret_access_key: variable("S3_SECRET_ACCESS_KEY"),
    },
  }),
);

const made = good(
  await api.POST("/v1/databases", {
    params: { header: once() },
    body: { provider: "local", project_id: project.id, name: "shop" },
  }),
);
await finished(made.job);
const path = { database_id: made.database.id };
const database = good(await api.GET("/v1/databases/{database_id}", { params: { path } }));
const { variables } = good(
  await api.GET("/v1/databases/{database_id}/variables", { params: { path, query: { reveal: true } } }),
);
psql(variables, LOAD);

const taken = good(
  await api.POST("/v1/databases/{database_id}/backups", { params: { path, header: once() }, body: {} }),
);
const told: string[] = [];
for await (const event of events(taken.job.id)) told.push(event.kind);
const [created] = taken.backups;
if (created === undefined) throw new Error("no backup was begun");
const backup = good(await api.GET("/v1/backups/{backup_id}", { params: { path: { backup_id: created.id } } }));

psql(variables, "DROP TABLE orders");
const begun = good(
  await api.POST("/v1/restores", {
    params: { header: once() },
    body: { backup_id: backup.id, target: { kind: "logical_database", name: "restored" } },
  }),
);
await finished(begun.job);
const restore = good(await api.GET("/v1/restores/{restore_id}", { params: { path: { restore_id: begun.restore.id } } }));
if (restore.report === null) throw new Error("a restore that is done has its report");

const missing = backup.id.slice(0, -1) + (backup.id.endsWith("0") ? "1" : "0");
const unknown = await api.GET("/v1/backups/{backup_id}", { params: { path: { backup_id: missing } } });

console.log(
  JSON.stringify({
    location: location.state,
    database: database.state,
    events: told,
    backup: backup.state,
    rows: backup.rows,
    restore: restore.state,
    tables: restore.report.tables.map((table) => [table.name, table.found, table.equal]),
    restored: psql({ ...variables, PGDATABASE: "restored" }, "SELECT count(*), sum(total) FROM orders"),
    problem: [unknown.response.status, unknown.error?.code, unknown.error?.retryable],
  }),
);
