-- Customers, orders, payments and reviews

-- md5 gives the uuid of a customer or payment from its number, so that other tables can name it.
INSERT INTO sales.customers
SELECT md5('customer ' || i)::uuid, given || ' ' || family, translate(lower(given), 'éłöøñüíō', 'eloonuio') || '.' || i || '@example.net',
       CASE WHEN sample.pick(i, 33, 4) > 0 THEN '+49 ' || 1500000000 + sample.pick(i, 34, 99999999) END,
       date '1945-01-01' + sample.pick(i, 35, 22000)::integer,
       timestamptz '2021-01-01 00:00Z' + sample.pick(i, 36, 94608000) * interval '1 second',
       jsonb_build_object('language', (ARRAY['de', 'en', 'fr', 'pl', 'sv', 'ja'])[1 + sample.pick(i, 37, 6)],
           'newsletter', sample.pick(i, 38, 3) = 0, 'sizes', jsonb_build_array(sample.pick(i, 39, 12) + 36)),
       CASE WHEN sample.pick(i, 40, 5) = 0 THEN substring(convert_from(substring(prose
           FROM 1 + sample.pick(i, 41, 250000)::integer FOR 120), 'UTF8') FROM ' (.*) ') END,
       sample.pick(i, 42, 400) = 0
FROM (SELECT body || ''::bytea AS prose FROM sample.prose OFFSET 0) AS source, generate_series(1, (SELECT sample.rows(80000))) AS i,
     LATERAL (SELECT
         (ARRAY['José', 'Łukasz', 'Zoë', 'Björn', 'Søren', 'Anna', 'Noah', 'Mía', 'Jürgen', 'Ōta', 'Peter', 'Begoña'])[1 + sample.pick(i, 31, 12)] AS given,
         (ARRAY['García', 'Müller', 'Nowak', 'Ångström', 'Smith', 'Dvořák', 'O''Neill', '山田', 'Иванова', 'Nguyễn', 'Rossi', 'de la Cruz'])[1 + sample.pick(i, 32, 12)] AS family
     ) AS names;

INSERT INTO sales.addresses (customer_id, street, city, postal_code, country, location, remark)
SELECT md5('customer ' || 1 + sample.pick(i, 43, (SELECT sample.rows(80000))))::uuid,
       (ARRAY['Hauptstraße', 'Rue de l''Église', 'Storgatan', 'ul. Długa', 'High Street', 'Calle Mayor'])[1 + sample.pick(i, 44, 6)] || ' ' || 1 + sample.pick(i, 45, 220),
       (ARRAY['Köln', 'Besançon', 'Malmö', 'Kraków', 'Leeds', 'León', 'Århus', 'Genève'])[1 + sample.pick(i, 46, 8)],
       lpad(sample.pick(i, 47, 100000)::text, 5, '0'), (ARRAY['DE', 'FR', 'SE', 'PL', 'GB', 'ES', 'DK', 'CH'])[1 + sample.pick(i, 46, 8)],
       point(sample.pick(i, 48, 36000) / 100.0 - 180, sample.pick(i, 49, 18000) / 100.0 - 90),
       CASE WHEN sample.pick(i, 50, 3) = 0 THEN 'Bitte beim Nachbarn abgeben' ELSE '' END
FROM generate_series(1, (SELECT sample.rows(104000))) AS i;

INSERT INTO sales.orders (id, customer_id, placed_at, state, total_cents, currency, channel, remark)
SELECT 999 + i, md5('customer ' || 1 + sample.pick(i, 51, (SELECT sample.rows(80000))))::uuid,
       timestamptz '2024-01-01 00:00Z' + i * (interval '730 days' / (SELECT sample.rows(192000))),
       (enum_range(NULL::sales.order_state))[1 + sample.pick(i, 52, 8)], 500 + sample.pick(i, 53, 90000),
       (ARRAY['EUR', 'SEK', 'PLN', 'GBP'])[1 + sample.pick(i, 54, 4)], (ARRAY['web', 'app', 'shop', 'phone'])[1 + sample.pick(i, 55, 4)],
       CASE WHEN sample.pick(i, 56, 6) = 0 THEN 'gift — wrap it, 谢谢' END
FROM generate_series(1, (SELECT sample.rows(192000))) AS i;

INSERT INTO sales.order_lines
SELECT 999 + i, line, 1 + sample.pick(i * 8 + line, 57, (SELECT sample.rows(21000))), 1 + sample.pick(i * 8 + line, 58, 5),
       99 + sample.pick(i * 8 + line, 59, 40000), CASE WHEN sample.pick(i * 8 + line, 60, 7) = 0 THEN 0.125 END
FROM generate_series(1, (SELECT sample.rows(192000))) AS i, generate_series(1, 1 + sample.pick(i, 61, 3)) AS line;

INSERT INTO sales.payments
SELECT md5('payment ' || i)::uuid, 999 + i, (enum_range(NULL::sales.payment_method))[1 + sample.pick(i, 62, 5)], 500 + sample.pick(i, 53, 90000),
       timestamptz '2024-01-01 00:10Z' + i * (interval '730 days' / (SELECT sample.rows(192000))), 'RF' || lpad(i::text, 12, '0'),
       jsonb_build_object('code', 'approved', 'risk', sample.pick(i, 63, 100) / 100.0, 'retries', sample.pick(i, 64, 3))
FROM generate_series(1, (SELECT sample.rows(160000))) AS i;

INSERT INTO sales.reviews (product_id, customer_id, stars, title, body, written_at, votes)
SELECT 1 + sample.pick(i, 65, (SELECT sample.rows(21000))), md5('customer ' || 1 + sample.pick(i, 66, (SELECT sample.rows(80000))))::uuid,
       1 + sample.pick(i, 67, 5), (ARRAY['Très bien', 'Great', 'Nie wieder', 'Okay', '最高です', 'Does what it says'])[1 + sample.pick(i, 68, 6)],
       substring(convert_from(substring(prose FROM 1 + sample.pick(i, 69, 250000)::integer
           FOR 100 + sample.pick(i, 70, 500)::integer), 'UTF8') FROM ' (.*) '),
       timestamptz '2024-02-01 00:00Z' + sample.pick(i, 71, 60000000) * interval '1 second',
       ARRAY[sample.pick(i, 72, 90), sample.pick(i, 73, 20)]::integer[]
FROM (SELECT body || ''::bytea AS prose FROM sample.prose OFFSET 0) AS source, generate_series(1, (SELECT sample.rows(72000))) AS i;
