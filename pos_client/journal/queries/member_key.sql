-- name: get
SELECT key, erased_at_ms FROM member_key WHERE member_id = ?;

-- name: insert
INSERT INTO member_key (member_id, key, made_at_ms) VALUES (?, ?, ?);

-- name: overwrite
UPDATE member_key SET key = zeroblob(32) WHERE member_id = ? AND key IS NOT NULL;

-- name: erase
INSERT INTO member_key (member_id, key, made_at_ms, erased_at_ms) VALUES (:member_id, NULL, :now_ms, :now_ms)
ON CONFLICT (member_id) DO UPDATE SET key = NULL, erased_at_ms = coalesce(erased_at_ms, excluded.erased_at_ms);

-- name: unacknowledged
SELECT member_id, key FROM member_key WHERE key IS NOT NULL AND acked_epoch IS NOT :epoch
ORDER BY member_id LIMIT :limit;

-- name: acknowledge
UPDATE member_key SET acked_epoch = ? WHERE member_id = ? AND key IS NOT NULL;

-- name: doubt
UPDATE member_key SET acked_epoch = NULL WHERE acked_epoch IS NOT NULL;

-- name: erased
SELECT member_id, erased_at_ms FROM member_key WHERE key IS NULL ORDER BY erased_at_ms DESC, member_id;

-- name: keep_order
INSERT OR IGNORE INTO erasure_order (member_id, erased_at_ms, signature) VALUES (?, ?, ?);

-- name: orders
SELECT member_id, erased_at_ms, signature FROM erasure_order ORDER BY member_id;

-- name: zero_living
UPDATE member_key SET key = zeroblob(32) WHERE key IS NOT NULL;

-- name: drop_living
DELETE FROM member_key WHERE key IS NOT NULL;

-- name: zero_acked
UPDATE member_key SET key = zeroblob(32) WHERE key IS NOT NULL AND acked_epoch IS NOT NULL;

-- name: drop_acked
DELETE FROM member_key WHERE key IS NOT NULL AND acked_epoch IS NOT NULL;
