-- Stock movements, the trail of changes and page views

INSERT INTO warehouse.movements (product_id, site, quantity, moved_at, reason, batch)
SELECT 1 + sample.pick(i, 80, (SELECT sample.rows(21000))), 1 + sample.pick(i, 81, 9), sample.pick(i, 82, 200) - 100,
       timestamptz '2024-01-01 00:00Z' + i * (interval '730 days' / (SELECT sample.rows(264000))),
       (ARRAY['sold', 'received', 'counted', 'returned', 'broken'])[1 + sample.pick(i, 83, 5)],
       'B' || to_char(date '2024-01-01' + (i * 730 / (SELECT sample.rows(264000)))::integer, 'YYYYMMDD') || '-' || sample.pick(i, 84, 500)
FROM generate_series(1, (SELECT sample.rows(264000))) AS i;

INSERT INTO audit.changes (at, actor, table_name, before, after)
SELECT timestamptz '2024-01-01 00:00Z' + i * (interval '730 days' / (SELECT sample.rows(120000))), 'user-' || sample.pick(i, 85, 300),
       (ARRAY['orders', 'customers', 'products', 'addresses', 'orders'])[1 + sample.pick(i, 86, 5)],
       CASE WHEN sample.pick(i, 87, 4) > 0 THEN jsonb_build_object('state', 'placed', 'total_cents', sample.pick(i, 88, 90000), 'version', sample.pick(i, 89, 9)) END,
       jsonb_build_object('state', (enum_range(NULL::sales.order_state))[1 + sample.pick(i, 90, 8)], 'total_cents', sample.pick(i, 91, 90000),
           'version', 1 + sample.pick(i, 89, 9), 'by', jsonb_build_object('ip', '10.0.' || sample.pick(i, 92, 256) || '.' || sample.pick(i, 93, 256), 'tool', 'büro'))
FROM generate_series(1, (SELECT sample.rows(120000))) AS i;

INSERT INTO audit.page_views
SELECT timestamptz '2025-06-01 00:00Z' + i * (interval '180 days' / (SELECT sample.rows(208000))), md5('session ' || i / 7)::uuid,
       '/products/SKU-' || lpad((1 + sample.pick(i, 94, (SELECT sample.rows(21000))))::text, 8, '0'),
       CASE WHEN sample.pick(i, 95, 3) = 0 THEN 'https://search.example/?q=' || sample.pick(i, 96, 5000) END,
       ('10.' || sample.pick(i / 7, 97, 256) || '.' || sample.pick(i / 7, 98, 256) || '.' || sample.pick(i / 7, 99, 256))::inet,
       (ARRAY['Mozilla/5.0 (X11; Linux x86_64) Firefox/143.0', 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/619.1', 'curl/8.14.1'])[1 + sample.pick(i / 7, 100, 3)],
       sample.pick(i, 101, 900000) * interval '1 microsecond', (ARRAY[200, 200, 200, 304, 404, 500])[1 + sample.pick(i, 102, 6)]
FROM generate_series(1, (SELECT sample.rows(208000))) AS i;

INSERT INTO "Überwachung"."Größe je Straße"
SELECT 'Straße Nr. ' || i, i * 1.25, CASE WHEN i % 2 = 0 THEN '注記' || chr(9) || 'mit Tabulator, ' || chr(10) || 'Umbruch und \ ' || chr(128512) END, i % 3 = 0, i
FROM generate_series(1, 300) AS i;

-- Large objects: the manuals, 64 to 192 KiB of text each.
INSERT INTO catalogue.manuals
SELECT i, (ARRAY['de', 'fr', 'ja'])[1 + i % 3], lo_from_bytea(0, substring((SELECT body || ''::bytea FROM sample.prose)
    FROM 1 + sample.pick(i, 103, 60000)::integer FOR 65536 + sample.pick(i, 104, 131072)::integer))
FROM generate_series(1, (SELECT sample.rows(48))) AS i;
