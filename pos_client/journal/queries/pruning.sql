-- name: oldest
SELECT document_key, incarnation, number, hash, hlc FROM document ORDER BY document_key LIMIT ?;

-- name: shift_floor
SELECT min(opened_key) FROM shift WHERE settled_key IS NULL OR settled_key = (SELECT max(settled_key) FROM shift);

-- name: kept_from
SELECT document_key FROM document ORDER BY document_key DESC LIMIT 1 OFFSET ?;

-- name: resume_points
SELECT incarnation, acked_number, backed_up_number FROM resume_point;

-- name: put_base
INSERT INTO series_base (incarnation, number, hash) VALUES (?, ?, ?)
ON CONFLICT (incarnation) DO UPDATE SET number = excluded.number, hash = excluded.hash;

-- name: bases
SELECT incarnation, number, hash FROM series_base ORDER BY incarnation;

-- name: base_of
SELECT number, hash FROM series_base WHERE incarnation = ?;

-- name: last_pruned_key
SELECT coalesce(max(incarnation << 40 | number), 0) FROM series_base;

-- name: forget_shifts
DELETE FROM shift WHERE opened_key <= ?;

-- name: forget_returned_sales
DELETE FROM returned_sale WHERE document_key <= ?;

-- name: forget_signed_heads
DELETE FROM signed_head WHERE document_key <= ?;

-- name: forget_documents
DELETE FROM document WHERE document_key <= ?;

-- name: oldest_release
SELECT min(release_version) FROM document;

-- name: carried
SELECT name, key, value FROM carried ORDER BY name, key;

-- name: add_carried
INSERT INTO carried (name, key, value) VALUES (?, ?, ?);

-- name: carried_of
SELECT key, value FROM carried WHERE name = ?;

-- name: forget_carried
DELETE FROM carried WHERE name = ?;

-- name: stock
SELECT store_id, sku, sum(quantity_milli) FROM stock_movement
 WHERE workstation_id = ? AND incarnation = ? AND number <= ? GROUP BY store_id, sku;

-- name: points
SELECT member_id, sum(points) FROM points_movement
 WHERE workstation_id = ? AND incarnation = ? AND number <= ?
 GROUP BY member_id;

-- name: stored_value
SELECT account_id, sum(amount_minor) FROM stored_value_movement
 WHERE workstation_id = ? AND incarnation = ? AND number <= ? GROUP BY account_id;

-- name: trade
SELECT type, sum(max(total_minor, 0)), sum(max(-total_minor, 0)) FROM transaction_total
 WHERE workstation_id = ? AND incarnation = ? AND number <= ? GROUP BY type;

-- name: promotion
SELECT promotion_id, member_id, sum(counted), sum(amount_minor) FROM (
  SELECT json_extract(used.value, '$.promotion_id') AS promotion_id,
         json_extract(sale.text, '$.body.member_id') AS member_id,
         json_extract(used.value, '$.counted') AS counted,
         json_extract(used.value, '$.amount_minor') AS amount_minor
    FROM (SELECT CAST(data AS TEXT) AS text FROM document WHERE document_key <= ?1 AND type = 'sale') AS sale,
         json_each(sale.text, '$.body.pricing.result.usage') AS used
   UNION ALL
  SELECT json_extract(used.value, '$.promotion_id'), json_extract(back.text, '$.body.member_id'),
         -json_extract(used.value, '$.counted'), -json_extract(used.value, '$.amount_minor')
    FROM (SELECT CAST(data AS TEXT) AS text FROM document WHERE document_key <= ?1 AND type = 'return') AS back,
         json_each(back.text, '$.body.uses_restored') AS used
   WHERE json_extract(back.text, '$.body.origin.workstation_id') = json_extract(back.text, '$.workstation_id'))
 GROUP BY 1, 2;

-- name: sign_on
SELECT operator_number, failed_count, locked_until_ms, document_key FROM session_state WHERE document_key <= ?;

-- name: member_code
SELECT member_id, failed_count, locked_until_ms, document_key FROM member_code_state WHERE document_key <= ?;
