SELECT store_id, sku, CAST(SUM(quantity_milli) AS BIGINT) AS quantity_milli
FROM stock_movement
GROUP BY store_id, sku
