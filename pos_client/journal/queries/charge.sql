-- name: ask
INSERT INTO terminal_charge (reference, tender_code, currency, exponent, amount_minor, state, approval, asked_at_ms)
VALUES (?, ?, ?, ?, ?, 'asked', '', ?);

-- name: approve
UPDATE terminal_charge SET state = 'approved', approval = ? WHERE reference = ?;

-- name: give_back
UPDATE terminal_charge SET state = 'reversing' WHERE reference = ?;

-- name: state
SELECT state FROM terminal_charge WHERE reference = ?;

-- name: forget
DELETE FROM terminal_charge WHERE reference = ?;

-- name: all
SELECT reference, tender_code, currency, exponent, amount_minor, state, approval, asked_at_ms
  FROM terminal_charge ORDER BY asked_at_ms, reference;
