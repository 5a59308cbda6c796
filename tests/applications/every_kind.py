"""A database with an object of every kind that can have an owner, all made by the superuser."""

from typing import Final

SCHEMA: Final = """
CREATE SCHEMA "Sales ""2"" x";
CREATE EXTENSION citext;
CREATE EXTENSION postgres_fdw;
CREATE TYPE public.mood AS ENUM ('sad', 'ok');
CREATE TYPE public.pair AS (a integer, b text);
CREATE TYPE public.span AS RANGE (subtype = double precision);
CREATE DOMAIN public.positive AS integer CHECK (VALUE > 0);
CREATE SEQUENCE public.numbers;
CREATE TABLE public.customer (
    id bigserial PRIMARY KEY, number integer GENERATED ALWAYS AS IDENTITY, name citext NOT NULL, mood public.mood
);
CREATE TABLE "Sales ""2"" x"."Order" (
    id integer PRIMARY KEY, customer_id bigint REFERENCES public.customer ON DELETE CASCADE, amount public.positive
);
CREATE TABLE public.event (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE public.event_2026 PARTITION OF public.event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE UNLOGGED TABLE public.cache (key text);
CREATE VIEW public.names AS SELECT name FROM public.customer;
CREATE VIEW public.more_names AS SELECT name FROM public.names;
CREATE MATERIALIZED VIEW public.totals AS SELECT count(*) FROM public.customer;
CREATE STATISTICS public.together ON name, mood FROM public.customer;
CREATE FUNCTION public."Add"(integer, integer DEFAULT 1) RETURNS integer LANGUAGE sql AS 'SELECT $1 + $2';
CREATE FUNCTION public.secret() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT current_user::text';
CREATE PROCEDURE public.tidy(IN a integer, INOUT b text) LANGUAGE plpgsql AS 'BEGIN b := a::text; END';
CREATE AGGREGATE public.product(integer) (SFUNC = int4mul, STYPE = integer, INITCOND = '1');
CREATE AGGREGATE public.anything(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
CREATE FUNCTION public.near(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 - $2) < 2';
CREATE OPERATOR public.=~= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = public.near);
CREATE OPERATOR FAMILY public.own_family USING btree;
CREATE OPERATOR CLASS public.own_class FOR TYPE integer USING btree FAMILY public.own_family AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer);
CREATE COLLATION public.own_collation (LOCALE = 'C');
CREATE CONVERSION public.own_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY public.own_dictionary (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION public.own_configuration (COPY = simple);
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
CREATE FOREIGN TABLE public.far (id integer) SERVER elsewhere;
CREATE PUBLICATION some_tables FOR TABLE public.customer;
CREATE FUNCTION public.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION public.on_ddl();
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;
SELECT lo_create(4711);
"""
KINDS: Final = {
    "aggregate": 2,
    "collation": 1,
    "conversion": 1,
    "domain": 1,
    "foreign table": 1,
    "function": 4,
    "large object": 1,
    "materialized view": 1,
    "operator": 1,
    "operator class": 1,
    "operator family": 1,
    "procedure": 1,
    "publication": 1,
    "schema": 1,
    "sequence": 1,
    "statistics": 1,
    "table": 5,
    "text search configuration": 1,
    "text search dictionary": 1,
    "type": 3,
    "view": 2,
}
