-- name: shift_by_id
SELECT shift_id, opened_key, opened_at_ms, business_day, operator_id, settled_key, z_number
  FROM shift WHERE shift_id = ?;

-- name: shift_by_z
SELECT shift_id, opened_key, opened_at_ms, business_day, operator_id, settled_key, z_number
  FROM shift WHERE z_number = ?;

-- name: settled_shifts
SELECT shift_id, opened_key, opened_at_ms, business_day, operator_id, settled_key, z_number
  FROM shift WHERE z_number IS NOT NULL ORDER BY z_number DESC LIMIT ?;

-- name: last_z_number
SELECT coalesce(max(z_number), 0) FROM shift;

-- name: ranges
SELECT incarnation, min(number), max(number) FROM document
 WHERE document_key BETWEEN ? AND ? GROUP BY incarnation ORDER BY incarnation;

-- name: documents_of_shift
SELECT document_key, type, data FROM document
 WHERE document_key BETWEEN ? AND ? AND shift_id = ? ORDER BY document_key;

-- name: late_documents
SELECT document_key, type, data FROM document
 WHERE document_key > ? AND shift_id = ? ORDER BY document_key;

-- name: late_of_all
SELECT document.shift_id, document.type, document.data FROM document
  JOIN shift ON shift.shift_id = document.shift_id AND document.document_key > shift.settled_key
 WHERE document.document_key > (SELECT min(settled_key) FROM shift WHERE z_number >= ?1)
   AND shift.z_number >= ?1
 ORDER BY document.document_key;

-- name: documents_of_day
SELECT document_key, type, data FROM document
 WHERE document_key >= ? AND business_day = ? ORDER BY document_key;

-- name: first_key_of_day
SELECT min(opened_key) FROM shift WHERE business_day = ?;

-- name: trade_totals
SELECT type, sum(CASE WHEN total_minor > 0 THEN total_minor ELSE 0 END),
       sum(CASE WHEN total_minor < 0 THEN -total_minor ELSE 0 END)
  FROM transaction_total WHERE (incarnation << 40 | number) <= ? GROUP BY type;

-- name: last_in_shift
SELECT document_key, data FROM document
 WHERE document_key BETWEEN ? AND ? AND shift_id = ? AND type = ? ORDER BY document_key DESC LIMIT 1;

-- name: moved_since
SELECT count(*) FROM document
 WHERE document_key > ? AND shift_id = ? AND type IN ('sale', 'return', 'tender_movement', 'shift_settled');

-- name: data_at
SELECT data FROM document WHERE document_key = ?;

-- name: held_ids
SELECT held_id FROM held_basket ORDER BY held_at_ms, held_id;
