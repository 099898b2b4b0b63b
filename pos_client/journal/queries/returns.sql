-- name: note_return
INSERT INTO returned_sale (workstation_id, incarnation, number, document_key) VALUES (?, ?, ?, ?);

-- name: returns_of
SELECT d.data FROM returned_sale AS r JOIN document AS d USING (document_key)
 WHERE r.workstation_id = ? AND r.incarnation = ? AND r.number = ? ORDER BY r.document_key;

-- name: sale_at
SELECT data FROM document WHERE document_key = ? AND type = 'sale';

-- name: sales_of_day
SELECT t.incarnation, t.number FROM transaction_total AS t
 WHERE t.business_day = :day AND t.type = 'sale'
 ORDER BY t.incarnation DESC, t.number DESC LIMIT :limit;

-- name: sales_of_day_and_total
SELECT t.incarnation, t.number FROM transaction_total AS t
 WHERE t.business_day = :day AND t.total_minor = :total AND t.type = 'sale'
 ORDER BY t.incarnation DESC, t.number DESC LIMIT :limit;

-- name: sales_of_total
SELECT t.incarnation, t.number FROM transaction_total AS t
 WHERE t.total_minor = :total AND t.type = 'sale'
   AND (:sku IS NULL OR EXISTS (
       SELECT 1 FROM line AS l WHERE l.workstation_id = t.workstation_id AND l.incarnation = t.incarnation
          AND l.number = t.number AND l.sku = :sku))
 ORDER BY t.business_day DESC, t.incarnation DESC, t.number DESC LIMIT :limit;

-- name: sales_of_member
SELECT t.incarnation, t.number FROM transaction_total AS t
 WHERE t.member_id = :member AND (:day IS NULL OR t.business_day = :day)
   AND (:total IS NULL OR t.total_minor = :total) AND t.type = 'sale'
   AND (:sku IS NULL OR EXISTS (
       SELECT 1 FROM line AS l WHERE l.workstation_id = t.workstation_id AND l.incarnation = t.incarnation
          AND l.number = t.number AND l.sku = :sku))
 ORDER BY t.business_day DESC, t.incarnation DESC, t.number DESC LIMIT :limit;

-- name: sales_of_item
SELECT DISTINCT incarnation, number FROM line
 WHERE sku = :sku AND type = 'sale' ORDER BY business_day DESC, incarnation DESC, number DESC LIMIT :limit;

-- name: sales_of_item_and_day
SELECT DISTINCT l.incarnation, l.number FROM line AS l JOIN transaction_total AS t
    ON t.workstation_id = l.workstation_id AND t.incarnation = l.incarnation AND t.number = l.number
 WHERE l.sku = :sku AND l.business_day = :day AND l.type = 'sale'
   AND (:total IS NULL OR t.total_minor = :total) ORDER BY l.incarnation DESC, l.number DESC LIMIT :limit;

-- name: newest_sales
SELECT incarnation, number FROM document WHERE type = 'sale' ORDER BY document_key DESC LIMIT :limit;
