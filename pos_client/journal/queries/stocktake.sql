-- A stocktake as far as this journal knows it.
-- name: session_lines
SELECT sku, workstation_id, incarnation, number, line_no, store_id, hlc, counted_milli, recorded_milli, session_id,
       round, area, own_number, cut
  FROM count_line WHERE session_id = ? ORDER BY sku, incarnation, number, line_no;

-- name: movements_of_session
SELECT sku, number, movement_no, store_id, hlc, quantity_milli, reason FROM stock_movement
 WHERE workstation_id = ? AND incarnation = ? AND number > ?
   AND sku IN (SELECT sku FROM count_line WHERE session_id = ?);

-- name: other_counts
SELECT sku, number, line_no, store_id, hlc, counted_milli, recorded_milli, session_id, round, area, own_number, cut
  FROM count_line
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND session_id IS NOT ?
   AND sku IN (SELECT sku FROM count_line WHERE session_id = ?);

-- name: sessions
SELECT session_id, sku, max(hlc), max(round) FROM count_line
 WHERE session_id IS NOT NULL GROUP BY session_id, sku;

-- name: item_counters
SELECT DISTINCT c.sku, c.round, d.operator_id
  FROM count_line AS c JOIN document AS d ON d.document_key = (c.incarnation << 40) | c.number
 WHERE c.session_id = ? AND d.operator_id IS NOT NULL;

-- name: stocktake_documents
SELECT data FROM document INDEXED BY document_of_stocktakes
 WHERE type IN ('count_opened', 'count_approved') ORDER BY document_key;

-- name: sold_since
SELECT sku, sum(CASE type WHEN 'return' THEN -net_minor ELSE net_minor END) 
  FROM line
 WHERE business_day >= ? AND EXISTS (SELECT 1 FROM stock_movement AS m WHERE m.sku = line.sku)
 GROUP BY sku;
