-- Everything that has data of its own in an archive, and names that a careless reader would trip over.
CREATE ROLE librarian;
CREATE ROLE reader;
CREATE SCHEMA shop;
CREATE SCHEMA "Bücherei ""Süd""";

CREATE TABLE shop.customer (
    id serial PRIMARY KEY,
    name text NOT NULL,
    name_upper text GENERATED ALWAYS AS (upper(name)) STORED
);
INSERT INTO shop.customer (name) SELECT 'customer ' || n FROM generate_series(1, 1000) n;

CREATE TABLE shop.purchase (
    id bigint GENERATED ALWAYS AS IDENTITY,
    customer_id integer NOT NULL REFERENCES shop.customer,
    made_on date NOT NULL,
    note text
) PARTITION BY RANGE (made_on);
CREATE TABLE shop.purchase_2023 PARTITION OF shop.purchase FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE shop.purchase_2024 PARTITION OF shop.purchase FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.purchase_2025 PARTITION OF shop.purchase FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO shop.purchase (customer_id, made_on, note)
SELECT n % 1000 + 1, date '2023-01-01' + n % 700, md5(n::text) || md5((n + 1)::text) FROM generate_series(1, 30000) n;

CREATE TABLE shop.empty (id integer PRIMARY KEY, nothing text);
CREATE UNLOGGED TABLE shop.scratch AS SELECT n FROM generate_series(1, 10) n;
CREATE TABLE shop.no_columns ();

CREATE TABLE "Bücherei ""Süd"""."quoted "" and 'quoted'" (id integer, "größe" text);
INSERT INTO "Bücherei ""Süd"""."quoted "" and 'quoted'" VALUES (1, 'ä'), (2, E'tab\tand\nline'), (3, NULL);
CREATE TABLE "Bücherei ""Süd"""."two
lines" (id integer);
INSERT INTO "Bücherei ""Süd"""."two
lines" SELECT generate_series(1, 7);

CREATE MATERIALIZED VIEW shop.sums AS SELECT customer_id, count(*) AS n FROM shop.purchase GROUP BY 1;
CREATE VIEW shop.recent AS SELECT * FROM shop.purchase WHERE made_on >= '2024-01-01';
CREATE INDEX ON shop.purchase (customer_id);
CREATE FUNCTION shop.double(n integer) RETURNS integer LANGUAGE sql RETURN n * 2;
COMMENT ON TABLE shop.customer IS 'Größte';

-- The second oid does not fit into a signed number; the owner and the grant make groups of their own since client 17.
SELECT lo_from_bytea(900001, decode(repeat('00ff10', 40000), 'hex'));
SELECT lo_from_bytea(3000000001, 'beyond the sign');
SELECT lo_create(900002);
SELECT lo_from_bytea(900003, 'owned by another');
ALTER LARGE OBJECT 900003 OWNER TO librarian;
GRANT SELECT ON LARGE OBJECT 900001 TO reader;
