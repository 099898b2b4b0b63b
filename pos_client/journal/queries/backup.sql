-- name: living_keys
SELECT member_id, key, made_at_ms FROM member_key WHERE key IS NOT NULL;

-- name: zero_living_keys
UPDATE member_key SET key = zeroblob(32) WHERE key IS NOT NULL;

-- name: delete_living_keys
DELETE FROM member_key WHERE key IS NOT NULL;

-- name: erasures
SELECT member_id, erased_at_ms, erased_at_ms FROM member_key WHERE key IS NULL;

-- name: repeat_erasure
INSERT INTO member_key (member_id, key, made_at_ms, erased_at_ms) VALUES (?, NULL, ?, ?)
ON CONFLICT (member_id) DO UPDATE SET key = NULL, erased_at_ms = excluded.erased_at_ms;

-- name: bring_back_key
INSERT OR IGNORE INTO member_key (member_id, key, made_at_ms) VALUES (?, ?, ?);

-- name: schema_steps
SELECT name FROM schema_step ORDER BY position;

-- name: make_expiry
CREATE TABLE expiry (at_ms INTEGER NOT NULL) STRICT;

-- name: put_expiry
INSERT INTO expiry (at_ms) VALUES (?);

-- name: expiry
SELECT at_ms FROM expiry;

-- name: make_kept_keys
CREATE TABLE member_key (member_id TEXT PRIMARY KEY, key BLOB NOT NULL, made_at_ms INTEGER NOT NULL)
STRICT, WITHOUT ROWID;

-- name: keep_key
INSERT INTO member_key (member_id, key, made_at_ms) VALUES (?, ?, ?);

-- name: kept_keys
SELECT member_id, key, made_at_ms FROM member_key;
