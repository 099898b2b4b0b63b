-- What this workstation recorded of one thing after a number of a series: (workstation, incarnation, number, …).
-- name: movements
SELECT number, movement_no, store_id, hlc, quantity_milli, reason FROM stock_movement
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND sku = ?;

-- name: counts
SELECT number, line_no, store_id, hlc, counted_milli, recorded_milli, session_id, round, area, own_number, cut
  FROM count_line
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND sku = ?;

-- name: is_counted
SELECT 1 FROM count_line WHERE workstation_id = ? AND incarnation = ? AND number > ? AND sku = ? LIMIT 1;

-- name: moved
SELECT coalesce(sum(quantity_milli), 0) FROM stock_movement
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND sku = ?;

-- name: moved_since
SELECT coalesce(sum(quantity_milli), 0) FROM stock_movement
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND sku = ? AND hlc > ?;

-- name: touched
SELECT DISTINCT sku FROM stock_movement
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND quantity_milli < 0
 UNION
SELECT DISTINCT sku FROM count_line WHERE workstation_id = ? AND incarnation = ? AND number > ?;

-- name: of_member
SELECT DISTINCT number FROM points_movement
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND member_id = ?;

-- name: orders_of_member
SELECT count(*) FROM transaction_total
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND member_id = ? AND type = 'sale';

-- name: of_account
SELECT DISTINCT number FROM stored_value_movement
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND account_id = ?;

-- name: of_campaign
SELECT DISTINCT number FROM coupon_use
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND campaign_id = ?;

-- name: of_coupon
SELECT DISTINCT number FROM coupon_use
 WHERE workstation_id = ? AND incarnation = ? AND number > ? AND campaign_id = ? AND coupon_code = ?;

-- name: document_at
SELECT data FROM document WHERE document_key = ?;

-- name: moved_items
SELECT DISTINCT sku FROM stock_movement WHERE workstation_id = ? AND incarnation = ? AND number > ?
UNION
SELECT DISTINCT sku FROM count_line WHERE workstation_id = ? AND incarnation = ? AND number > ?;

-- name: labels
SELECT data FROM document INDEXED BY document_of_labels
 WHERE type = 'labels_changed' AND incarnation = ? AND number > ? ORDER BY number;
