-- name: slices
SELECT data FROM allowance_slice ORDER BY allowance_id;

-- name: slice
SELECT data FROM allowance_slice WHERE allowance_id = ?;

-- name: put_slice
INSERT INTO allowance_slice (allowance_id, data) VALUES (?, ?)
ON CONFLICT (allowance_id) DO UPDATE SET data = excluded.data;

-- name: drop_slice
DELETE FROM allowance_slice WHERE allowance_id = ?;

-- name: last_business_day
SELECT business_day FROM document ORDER BY document_key DESC LIMIT 1;

-- name: put_passed
INSERT INTO passed_slice (transfer_id, other, data) VALUES (?, ?, ?);

-- name: passed_to
SELECT data FROM passed_slice WHERE other = ? ORDER BY transfer_id;

-- name: acknowledged
DELETE FROM passed_slice WHERE transfer_id = ? AND other = ?;
