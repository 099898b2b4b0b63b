-- name: open_shift
INSERT INTO shift (shift_id, opened_key, opened_at_ms, business_day, operator_id, float_minor)
VALUES (?, ?, ?, ?, ?, ?);

-- name: settle_shift
UPDATE shift SET settled_key = ?, z_number = ? WHERE shift_id = ?;

-- name: current_shift
SELECT shift_id, opened_at_ms, business_day, operator_id, float_minor
  FROM shift WHERE settled_key IS NULL ORDER BY opened_key DESC LIMIT 1;

-- name: note_failed_sign_on
INSERT INTO session_state (operator_number, failed_count, locked_until_ms, document_key) VALUES (?, ?, ?, ?)
ON CONFLICT (operator_number) DO UPDATE SET failed_count = excluded.failed_count,
    locked_until_ms = excluded.locked_until_ms, document_key = excluded.document_key;

-- name: sign_on_failures
SELECT s.failed_count, s.locked_until_ms, s.document_key, d.hlc
  FROM session_state AS s LEFT JOIN document AS d ON d.document_key = s.document_key
 WHERE s.operator_number = ?;

-- name: note_member_code
INSERT INTO member_code_state (member_id, failed_count, locked_until_ms, document_key) VALUES (?, ?, ?, ?)
ON CONFLICT (member_id) DO UPDATE SET failed_count = excluded.failed_count,
    locked_until_ms = excluded.locked_until_ms, document_key = excluded.document_key;

-- name: member_code_failures
SELECT failed_count, locked_until_ms FROM member_code_state WHERE member_id = ?;

-- name: newest_key
SELECT coalesce(max(document_key), 0) FROM document;

-- name: put_setting
INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: get_setting
SELECT value FROM setting WHERE name = ?;

-- name: delete_setting
DELETE FROM setting WHERE name = ?;

-- name: save_basket
INSERT INTO basket_in_progress (slot, saved_at_ms, data) VALUES (1, ?, ?)
ON CONFLICT (slot) DO UPDATE SET saved_at_ms = excluded.saved_at_ms, data = excluded.data;

-- name: saved_basket
SELECT saved_at_ms, data FROM basket_in_progress WHERE slot = 1;

-- name: drop_basket
DELETE FROM basket_in_progress;

-- name: hold_basket
INSERT INTO held_basket (held_id, label, operator_id, held_at_ms, data) VALUES (?, ?, ?, ?, ?);

-- name: held_baskets
SELECT held_id, label, operator_id, held_at_ms, data FROM held_basket ORDER BY held_at_ms, held_id;

-- name: held_basket
SELECT held_id, label, operator_id, held_at_ms, data FROM held_basket WHERE held_id = ?;

-- name: drop_held_basket
DELETE FROM held_basket WHERE held_id = ?;

-- name: put_resume_point
INSERT INTO resume_point (incarnation, epoch, acked_number, head_hash, heard_at_ms, quarantined,
                          backed_up_number)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (incarnation) DO UPDATE SET epoch = excluded.epoch, acked_number = excluded.acked_number,
    head_hash = excluded.head_hash, heard_at_ms = excluded.heard_at_ms, quarantined = excluded.quarantined,
    backed_up_number = excluded.backed_up_number;

-- name: doubt_resume_points
UPDATE resume_point SET epoch = '' WHERE incarnation NOT IN (?, ?);

-- name: resume_point
SELECT epoch, acked_number, head_hash, heard_at_ms, quarantined, backed_up_number
  FROM resume_point WHERE incarnation = ?;

-- name: series_status
SELECT incarnation, last_number, acked_number, pruned_number FROM c_series ORDER BY incarnation;

-- name: keep_signed_head
INSERT OR REPLACE INTO signed_head (document_key, signature, public_key, signed_at_ms) VALUES (?, ?, ?, ?);

-- name: signed_heads
SELECT document_key, signature, public_key FROM signed_head ORDER BY document_key;
