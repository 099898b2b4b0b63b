-- Rulings that reached this store; every column is described in docs/views.md.
CREATE VIEW c_exception AS
SELECT ruling_id, json_extract(data, '$.rule') AS kind, json_extract(data, '$.key') AS about,
       json_extract(data, '$.cause') AS cause, json_extract(data, '$.against[0]') AS document,
       json_extract(data, '$.cost_minor') AS difference_minor, json_extract(data, '$.points') AS points,
       made_at_ms AS at_ms, superseded_by, data AS detail
  FROM ruling;
