-- Lists in progress and their lines.
-- name: put_list
INSERT INTO stock_list (list_id, kind, opened_at_ms, changed_at_ms, data) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (list_id) DO UPDATE SET changed_at_ms = excluded.changed_at_ms, data = excluded.data;

-- name: put_line
INSERT OR REPLACE INTO stock_list_line (list_id, line_no, data) VALUES (?, ?, ?);

-- name: drop_line
DELETE FROM stock_list_line WHERE list_id = ? AND line_no = ?;

-- name: touch
UPDATE stock_list SET changed_at_ms = ? WHERE list_id = ?;

-- name: drop_lines
DELETE FROM stock_list_line WHERE list_id = ?;

-- name: drop_list
DELETE FROM stock_list WHERE list_id = ?;

-- name: lists
SELECT list_id, kind, opened_at_ms, changed_at_ms, data FROM stock_list ORDER BY opened_at_ms, list_id;

-- name: lines
SELECT line_no, data FROM stock_list_line WHERE list_id = ? ORDER BY line_no;
