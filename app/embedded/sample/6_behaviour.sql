-- Views, functions, triggers, policies, comments and grants

CREATE FUNCTION sales.euros(cents bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN round(cents / 100.0, 2);
CREATE FUNCTION sales.customer_of_session() RETURNS uuid LANGUAGE sql STABLE
RETURN nullif(current_setting('shop.customer_id', true), '')::uuid;
CREATE FUNCTION catalogue."suche Größe"("breite über" integer, OUT "Anzahl" bigint) LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT count(*) INTO "Anzahl" FROM catalogue.products WHERE (size).width_mm > "breite über";
END $$;
CREATE PROCEDURE sales.block_customer(who uuid) LANGUAGE plpgsql SECURITY DEFINER SET search_path = sales, pg_temp AS $$
BEGIN
    UPDATE customers SET is_blocked = true WHERE id = who;
END $$;
CREATE AGGREGATE sales.total_euros(numeric) (SFUNC = numeric_add, STYPE = numeric, INITCOND = '0', PARALLEL = safe);

CREATE VIEW sales.open_orders WITH (security_barrier) AS
SELECT o.id, o.placed_at, c.name AS customer, sales.euros(o.total_cents) AS total
FROM sales.orders AS o JOIN sales.customers AS c ON c.id = o.customer_id
WHERE o.state IN ('placed', 'paid', 'packed');
CREATE VIEW catalogue.bestellbar AS SELECT * FROM catalogue.products WHERE available @> current_date WITH LOCAL CHECK OPTION;
CREATE MATERIALIZED VIEW sales.monthly_revenue AS
SELECT date_trunc('month', placed_at, 'UTC') AS month, currency, count(*) AS orders, sales.euros(sum(total_cents)::bigint) AS revenue
FROM sales.orders GROUP BY 1, 2;
CREATE UNIQUE INDEX monthly_revenue_key ON sales.monthly_revenue (month, currency);
CREATE MATERIALIZED VIEW catalogue.not_yet_filled AS SELECT supplier_id, count(*) AS products FROM catalogue.products GROUP BY 1 WITH NO DATA;

CREATE FUNCTION audit.record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit.changes (at, actor, table_name, before, after)
    VALUES (now(), current_user, TG_TABLE_NAME, CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
    RETURN NULL;
END $$;
CREATE TRIGGER record AFTER INSERT OR UPDATE OR DELETE ON sales.customers FOR EACH ROW EXECUTE FUNCTION audit.record();
CREATE TRIGGER record AFTER UPDATE OF state ON sales.orders FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION audit.record();
ALTER TABLE sales.customers DISABLE TRIGGER record;
CREATE RULE keep AS ON DELETE TO sales.gift_cards DO INSTEAD NOTHING;

ALTER TABLE sales.customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE sales.reviews ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON sales.customers TO shop_writer USING (id = sales.customer_of_session()) WITH CHECK (NOT is_blocked);
CREATE POLICY "nur sichtbare" ON sales.customers AS RESTRICTIVE FOR SELECT TO shop_reader USING (NOT is_blocked);
CREATE POLICY anyone ON sales.reviews FOR SELECT USING (true);

COMMENT ON SCHEMA "Überwachung" IS 'Namen, die in Anführungszeichen gehören — “quotes”, ''apostrophes'' and a \ backslash';
COMMENT ON TABLE sales.orders IS 'One row an order, a partition a month';
COMMENT ON COLUMN sales.orders.total_cents IS 'In hundredths of the currency';
COMMENT ON FUNCTION sales.euros(bigint) IS 'Cents to euros';
COMMENT ON CONSTRAINT "Schlüssel" ON "Überwachung"."Größe je Straße" IS '主キー';

GRANT USAGE ON SCHEMA catalogue, sales, warehouse TO shop_reader, shop_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA catalogue, sales, warehouse TO shop_reader;
GRANT SELECT, INSERT, UPDATE (state, remark) ON sales.orders TO shop_writer WITH GRANT OPTION;
GRANT EXECUTE ON PROCEDURE sales.block_customer(uuid) TO shop_writer;
REVOKE EXECUTE ON PROCEDURE sales.block_customer(uuid) FROM public;
GRANT USAGE ON SCHEMA "Überwachung" TO "Größenprüfer";
ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO shop_reader;
DO $$
DECLARE manual oid;
BEGIN
    FOR manual IN SELECT document FROM catalogue.manuals ORDER BY product_id LIMIT 3 LOOP
        EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO shop_reader', manual);
        EXECUTE format('COMMENT ON LARGE OBJECT %s IS %L', manual, 'a manual');
    END LOOP;
END $$;

DROP SCHEMA sample CASCADE;
