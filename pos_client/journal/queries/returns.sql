-- name: note_return
INSERT INTO returned_sale (workstation_id, incarnation, number, document_key) VALUES (?, ?, ?, ?);

-- name: returns_of
SELECT d.data FROM returned_sale AS r JOIN document AS d USING (document_key)
 WHERE r.workstation_id = ? AND r.incarnation = ? AND r.number = ? ORDER BY r.document_key;

-- name: sale_at
SELECT data FROM document WHERE document_key = ? AND type = 'sale';

-- name: sales_of_day
SELECT incarnation, number FROM transaction_total
 WHERE business_day = ? AND type = 'sale' ORDER BY incarnation DESC, number DESC LIMIT ?;

-- name: sales_of_day_and_total
SELECT incarnation, number FROM transaction_total
 WHERE business_day = ? AND total_minor = ? AND type = 'sale' ORDER BY incarnation DESC, number DESC LIMIT ?;

-- name: sales_of_total
SELECT incarnation, number FROM transaction_total
 WHERE total_minor = ? AND type = 'sale' ORDER BY business_day DESC, incarnation DESC, number DESC LIMIT ?;

-- name: sales_of_item
SELECT DISTINCT incarnation, number FROM line
 WHERE sku = ? AND type = 'sale' ORDER BY business_day DESC, incarnation DESC, number DESC LIMIT ?;

-- name: newest_sales
SELECT incarnation, number FROM document WHERE type = 'sale' ORDER BY document_key DESC LIMIT ?;

-- name: sales_of_member
SELECT incarnation, number FROM transaction_total
 WHERE member_id = ? AND type = 'sale' ORDER BY business_day DESC, incarnation DESC, number DESC LIMIT ?;
