-- One item's movements and counts; stock_movement_of_item and count_line_of_item carry the order.
-- name: movements
SELECT d.hlc, s.workstation_id, m.incarnation, m.number, m.movement_no, d.type, m.reason, d.occurred_at_ms,
       d.operator_id, m.quantity_milli
  FROM (SELECT incarnation, number, movement_no, reason, quantity_milli
          FROM stock_movement
         WHERE sku = :sku AND (incarnation, number, movement_no) < (:incarnation, :number, :line_no)
         ORDER BY incarnation DESC, number DESC, movement_no DESC
         LIMIT :limit) AS m
  JOIN document AS d ON d.document_key = (m.incarnation << 40) | m.number
  JOIN series AS s ON s.incarnation = m.incarnation;

-- name: counts
SELECT c.hlc, c.workstation_id, c.incarnation, c.number, c.line_no, d.type, '', d.occurred_at_ms, d.operator_id, 0,
       c.counted_milli, c.recorded_milli
  FROM (SELECT hlc, workstation_id, incarnation, number, line_no, counted_milli, recorded_milli
          FROM count_line
         WHERE sku = :sku AND (hlc, workstation_id, incarnation, number, line_no)
               < (:hlc, :workstation_id, :count_incarnation, :count_number, :count_line_no)
         ORDER BY hlc DESC, workstation_id DESC, incarnation DESC, number DESC, line_no DESC
         LIMIT :limit) AS c
  JOIN document AS d ON d.document_key = (c.incarnation << 40) | c.number;

-- name: received_of_order
SELECT line.value ->> 'sku', sum((line.value ->> 'quantity_milli') + (line.value ->> 'damaged_milli'))
  FROM document AS d INDEXED BY document_of_deliveries, json_each(CAST(d.data AS TEXT), '$.body.lines') AS line
 WHERE d.type = 'goods_received' AND json_extract(CAST(d.data AS TEXT), '$.body.order_id') = ?
 GROUP BY 1;

-- name: transfers
SELECT data FROM document INDEXED BY document_of_transfers
 WHERE type IN ('transfer_requested', 'transfer_approved', 'transfer_refused', 'transfer_picked',
        'transfer_shipped',
        'transfer_received', 'transfer_closed')
 ORDER BY document_key;

-- name: orders
SELECT data FROM document INDEXED BY document_of_orders WHERE type IN ('goods_ordered', 'order_closed');

-- name: deliveries
SELECT data FROM document INDEXED BY document_of_deliveries WHERE type = 'goods_received';

-- name: reservations
SELECT data FROM document INDEXED BY document_of_reservations
 WHERE type IN ('reservation_made', 'reservation_reported') ORDER BY document_key;
