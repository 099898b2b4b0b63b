-- A day's trade of this journal, with the document where money of a purse may be among its lines.
-- name: trade
SELECT d.occurred_at_ms, d.operator_id, t.type, t.total_minor,
       CASE WHEN EXISTS (SELECT 1 FROM stored_value_movement AS m WHERE m.workstation_id = t.workstation_id
                            AND m.incarnation = t.incarnation AND m.number = t.number)
            THEN CAST(d.data AS TEXT) END
  FROM transaction_total AS t JOIN document AS d ON d.document_key = (t.incarnation << 40) | t.number
 WHERE t.business_day = ? AND t.type IN ('sale', 'return');

-- name: items
-- Of the documents after a key: 0 is all of the day.
SELECT l.sku, max(l.name), sum(CASE l.type WHEN 'return' THEN -l.net_minor ELSE l.net_minor END) AS net_minor
  FROM transaction_total AS t
  JOIN line AS l ON l.workstation_id = t.workstation_id AND l.incarnation = t.incarnation AND l.number = t.number
 WHERE t.business_day = ? AND t.type IN ('sale', 'return') AND (t.incarnation << 40 | t.number) > ?
 GROUP BY l.sku ORDER BY net_minor DESC, l.sku;

-- name: shifts
SELECT s.shift_id, s.opened_at_ms, s.z_number, CAST(d.data AS TEXT)
  FROM shift AS s LEFT JOIN document AS d ON d.document_key = s.settled_key
 WHERE s.business_day = ? ORDER BY s.opened_key;

-- name: shelves
SELECT CAST(data AS TEXT) FROM document INDEXED BY document_of_shelf_checks
 WHERE type = 'shelf_checked' AND business_day = ?;

-- name: tenders
SELECT p.tender_code,
       sum((p.amount_minor - p.change_minor) * CASE p.type WHEN 'return' THEN -1 ELSE 1 END)
  FROM transaction_total AS t
  JOIN tender AS p ON p.workstation_id = t.workstation_id AND p.incarnation = t.incarnation AND p.number = t.number
 WHERE t.business_day = ? AND t.type IN ('sale', 'return') GROUP BY p.tender_code;
