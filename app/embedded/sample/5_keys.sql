-- Keys, indexes and sequences

ALTER TABLE catalogue.categories ADD PRIMARY KEY (id), ADD FOREIGN KEY (parent_id) REFERENCES catalogue.categories;
ALTER TABLE catalogue.suppliers ADD PRIMARY KEY (id), ADD CHECK (rating BETWEEN 0 AND 5.01);
ALTER TABLE catalogue.products ADD PRIMARY KEY (id), ADD UNIQUE (sku), ADD CHECK (price_cents > 0),
    ADD FOREIGN KEY (category_id) REFERENCES catalogue.categories, ADD FOREIGN KEY (supplier_id) REFERENCES catalogue.suppliers;
ALTER TABLE catalogue.manuals ADD PRIMARY KEY (product_id), ADD FOREIGN KEY (product_id) REFERENCES catalogue.products;
ALTER TABLE sales.customers ADD PRIMARY KEY (id), ADD UNIQUE (email);
ALTER TABLE sales.addresses ADD PRIMARY KEY (id), ADD FOREIGN KEY (customer_id) REFERENCES sales.customers ON DELETE CASCADE;
ALTER TABLE sales.orders ADD PRIMARY KEY (id, placed_at), ADD FOREIGN KEY (customer_id) REFERENCES sales.customers;
ALTER TABLE sales.order_lines ADD PRIMARY KEY (order_id, line), ADD FOREIGN KEY (product_id) REFERENCES catalogue.products;
ALTER TABLE sales.payments ADD PRIMARY KEY (id), ADD UNIQUE (reference);
ALTER TABLE sales.reviews ADD PRIMARY KEY (id), ADD CHECK (stars BETWEEN 1 AND 5),
    ADD FOREIGN KEY (product_id) REFERENCES catalogue.products DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (customer_id) REFERENCES sales.customers NOT VALID;
ALTER TABLE sales.gift_cards ADD PRIMARY KEY (code), ADD FOREIGN KEY (customer_id) REFERENCES sales.customers;
ALTER TABLE warehouse.movements ADD PRIMARY KEY (id, product_id);
ALTER TABLE audit.changes ADD PRIMARY KEY (id, table_name);
ALTER TABLE "Überwachung"."Größe je Straße" ADD CONSTRAINT "Schlüssel" PRIMARY KEY ("Straße");

CREATE INDEX products_search ON catalogue.products USING gin (search);
CREATE INDEX products_tags ON catalogue.products USING gin (tags);
CREATE INDEX products_attributes ON catalogue.products USING gin (attributes jsonb_path_ops);
CREATE INDEX products_available ON catalogue.products USING gist (available);
CREATE INDEX customers_name ON sales.customers (lower(name) text_pattern_ops) INCLUDE (email);
CREATE INDEX orders_open ON sales.orders (placed_at DESC) WHERE state IN ('placed', 'paid', 'packed');
CREATE INDEX orders_customer ON sales.orders (customer_id);
CREATE INDEX page_views_at ON audit.page_views USING brin (at);
CREATE INDEX "größer als" ON "Überwachung"."Größe je Straße" ("Größe (m²)") WHERE "Größe (m²)" > 100;
CREATE STATISTICS sales.address_places (dependencies, ndistinct) ON city, country FROM sales.addresses;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
        CREATE INDEX suppliers_name ON catalogue.suppliers USING gin (name extensions.gin_trgm_ops);
    END IF;
END $$;

CREATE SEQUENCE sales.invoice_number START 20240001 INCREMENT 3 CACHE 5;
SELECT setval('sales.invoice_number', 20249000), setval('sales.orders_id_seq', (SELECT max(id) FROM sales.orders));
ANALYZE;
