-- Categories, suppliers and products

INSERT INTO catalogue.categories
SELECT i, CASE WHEN i > 12 THEN 1 + i % 12 END, name, CASE WHEN i > 12 THEN ARRAY['shop', 'c' || 1 + i % 12, name] ELSE ARRAY['shop', name] END
FROM generate_series(1, 180) AS i,
     LATERAL (SELECT (ARRAY['Küche', 'Jardin', 'Schuhe', 'Książki', 'Игрушки', '文具', 'Outdoor', 'Ljus', 'Φωτογραφία', 'Ferramentas'])
         [1 + sample.pick(i, 2, 10)] || ' ' || i AS name) AS named;

INSERT INTO catalogue.suppliers (name, country, rating, since, contact)
SELECT (ARRAY['Nordic', 'Øresund', 'Łódź', 'Atlas', 'Señor', 'Grand', 'Zürich', 'Harbour'])[1 + sample.pick(i, 3, 8)]
           || ' ' || (ARRAY['Trading', 'Works', 'GmbH', 'S.à r.l.', 'Oy', 'Ltd', 'Kft', 'A/S'])[1 + sample.pick(i, 4, 8)] || ' ' || i,
       (ARRAY['DK', 'SE', 'PL', 'DE', 'CH', 'FR', 'FI', 'GB'])[1 + sample.pick(i, 5, 8)],
       CASE WHEN sample.pick(i, 6, 9) > 0 THEN sample.pick(i, 7, 501) / 100.0 END,
       date '2009-01-01' + sample.pick(i, 8, 5000)::integer,
       jsonb_build_object('phone', '+45 ' || 10000000 + sample.pick(i, 9, 89999999), 'days', sample.pick(i, 10, 30))
FROM generate_series(1, (SELECT sample.rows(1500))) AS i;

INSERT INTO catalogue.products
    (category_id, supplier_id, sku, name, description, tags, price_cents, attributes, size, weight_grams, available)
SELECT 1 + sample.pick(i, 11, 180), 1 + sample.pick(i, 12, (SELECT sample.rows(1500))), 'SKU-' || lpad(i::text, 8, '0'),
       initcap(substring(convert_from(substring(prose FROM 1 + sample.pick(i, 13, 250000)::integer FOR 40), 'UTF8') FROM ' (.*) ')),
       substring(convert_from(substring(prose FROM 1 + sample.pick(i, 14, 250000)::integer
           FOR 150 + sample.pick(i, 15, 400)::integer), 'UTF8') FROM ' (.*) '),
       ARRAY[(ARRAY['new', 'sale', 'eco', 'été', 'bulk'])[1 + sample.pick(i, 16, 5)], 's' || sample.pick(i, 17, 40)],
       99 + sample.pick(i, 18, 40000),
       jsonb_build_object(
           'colour', (ARRAY['black', 'white', 'red', 'blå', 'grün', 'жёлтый'])[1 + sample.pick(i, 19, 6)],
           'material', (ARRAY['steel', 'oak', 'wool', 'linen', 'glass'])[1 + sample.pick(i, 20, 5)],
           'warranty_months', sample.pick(i, 21, 37), 'eco', sample.pick(i, 22, 2) = 1,
           'ratings', jsonb_build_array(sample.pick(i, 23, 6), sample.pick(i, 24, 6), sample.pick(i, 25, 6))),
       ROW(sample.pick(i, 26, 900), sample.pick(i, 27, 900), sample.pick(i, 28, 900))::catalogue.dimensions,
       sample.pick(i, 29, 90000) / 8.0,
       daterange(date '2023-01-01' + sample.pick(i, 30, 700)::integer, NULL)
FROM (SELECT body || ''::bytea AS prose FROM sample.prose OFFSET 0) AS source, generate_series(1, (SELECT sample.rows(21000))) AS i;
