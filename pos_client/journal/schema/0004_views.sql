-- The same names as at head office, so that one report reads both; every column is described in docs/views.md.
CREATE VIEW c_transaction_total AS SELECT * FROM c_transaction;

CREATE VIEW c_stock AS
SELECT store_id, sku, sum(quantity_milli) AS quantity_milli FROM stock_movement GROUP BY store_id, sku;

CREATE VIEW c_points AS
SELECT member_id, sum(points) AS points FROM points_movement GROUP BY member_id;
