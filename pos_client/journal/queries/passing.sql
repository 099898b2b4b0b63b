-- name: put
INSERT INTO passed_basket (transfer_id, direction, held_id, other, label, operator_id, held_at_ms, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: outgoing
SELECT transfer_id, held_id, label, operator_id, held_at_ms, data FROM passed_basket
 WHERE direction = 'out' AND other = ? ORDER BY held_at_ms, transfer_id;

-- name: on_the_way
SELECT transfer_id, held_id, label, operator_id, held_at_ms, data, other FROM passed_basket
 WHERE direction = 'out' ORDER BY transfer_id;

-- name: take_off
DELETE FROM passed_basket WHERE transfer_id = ? AND direction = 'out';

-- name: taken_before
SELECT 1 FROM passed_basket WHERE transfer_id = ? AND direction = 'in';

-- name: acknowledged
DELETE FROM passed_basket WHERE transfer_id = ? AND direction = 'out' AND other = ?;

-- name: last_business_day
SELECT business_day FROM document ORDER BY document_key DESC LIMIT 1;
