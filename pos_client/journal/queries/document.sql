-- name: insert_series
INSERT INTO series (incarnation, workstation_id, store_id) VALUES (?, ?, ?);

-- name: insert_document
INSERT INTO document (document_key, incarnation, number, type, document_id, occurred_at_ms, hlc, business_day,
                      operator_id, shift_id, release_version, hash, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: all_series
SELECT incarnation, workstation_id, store_id FROM series ORDER BY incarnation;

-- name: last_document_of
SELECT number, hash FROM document WHERE document_key = (
    SELECT max(document_key) FROM document WHERE document_key BETWEEN :first AND :last);

-- name: highest_hlc
SELECT max(hlc) FROM (SELECT hlc FROM document ORDER BY document_key DESC LIMIT 1000);

-- name: hash_at
SELECT hash FROM document WHERE document_key = ?;

-- name: documents_between
SELECT incarnation, number, type, document_id, occurred_at_ms, hash, data
  FROM document WHERE document_key BETWEEN ? AND ? ORDER BY document_key LIMIT ?;

-- name: first_number_between
SELECT number FROM document WHERE document_key BETWEEN ? AND ? ORDER BY document_key LIMIT 1;

-- name: bytes_between
SELECT data FROM document WHERE document_key BETWEEN ? AND ? ORDER BY document_key LIMIT ?;

-- name: count_and_last_hash
SELECT count(*), (SELECT hash FROM document WHERE document_key = ?2)
  FROM document WHERE document_key BETWEEN ?1 AND ?2;

-- name: last_of_type
SELECT incarnation, number, type, document_id, occurred_at_ms, hash, data
  FROM document WHERE type = ? ORDER BY document_key DESC LIMIT 1;

-- name: whole_rows_between
SELECT incarnation, number, type, document_id, occurred_at_ms, hlc, business_day, operator_id, shift_id,
       release_version, hash, data
  FROM document WHERE document_key BETWEEN ? AND ? ORDER BY document_key;

-- name: count_documents
SELECT count(*) FROM document;
