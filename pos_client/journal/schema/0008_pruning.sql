-- What remains of documents that the journal need not keep any more (docs/journal.md, "Pruning").
-- The last document of a series that was pruned; the chain goes on from its hash.
CREATE TABLE series_base (
    incarnation INTEGER PRIMARY KEY REFERENCES series (incarnation),
    number INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;

-- What pruned documents had summed up to, by pos_client/journal/carried.py. Key and value are JSON lists.
CREATE TABLE carried (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name, key)
) STRICT, WITHOUT ROWID;

ALTER TABLE resume_point ADD COLUMN backed_up_number INTEGER NOT NULL DEFAULT 0;

-- Both stay when the documents that they name are pruned.
CREATE TABLE session_state_2 (
    operator_number TEXT PRIMARY KEY,
    failed_count INTEGER NOT NULL,
    locked_until_ms INTEGER NOT NULL,
    document_key INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO session_state_2 SELECT * FROM session_state;
DROP TABLE session_state;
ALTER TABLE session_state_2 RENAME TO session_state;

DROP VIEW c_series;
CREATE VIEW c_series AS
SELECT s.workstation_id, s.incarnation, s.store_id, coalesce(d.number, b.number) AS last_number,
       coalesce(d.hash, b.hash) AS head_hash, coalesce(r.acked_number, 0) AS acked_number,
       coalesce(b.number, 0) AS pruned_number
  FROM series AS s
  LEFT JOIN document AS d ON d.document_key = (
       SELECT max(document_key) FROM document
        WHERE document_key BETWEEN s.incarnation << 40 AND (s.incarnation << 40) + 0xFFFFFFFFFF)
  LEFT JOIN resume_point AS r ON r.incarnation = s.incarnation
  LEFT JOIN series_base AS b ON b.incarnation = s.incarnation
 WHERE d.number IS NOT NULL OR b.number IS NOT NULL;

DROP VIEW c_stock;
CREATE VIEW c_stock AS
SELECT store_id, sku, sum(quantity_milli) AS quantity_milli
  FROM (SELECT store_id, sku, quantity_milli FROM stock_movement
        UNION ALL
        SELECT json_extract(key, '$[0]'), json_extract(key, '$[1]'), json_extract(value, '$[0]')
          FROM carried WHERE name = 'stock')
 GROUP BY store_id, sku;

DROP VIEW c_points;
CREATE VIEW c_points AS
SELECT member_id, sum(points) AS points
  FROM (SELECT member_id, points FROM points_movement
        UNION ALL
        SELECT json_extract(key, '$[0]'), json_extract(value, '$[0]') FROM carried WHERE name = 'points')
 GROUP BY member_id;
