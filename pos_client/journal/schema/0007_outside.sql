-- What the server set aside of this series, as it last said: JSON numbers. A repair is told by the next answer.
ALTER TABLE resume_point ADD COLUMN quarantined TEXT NOT NULL DEFAULT '[]';

CREATE VIEW c_quarantine AS
SELECT s.workstation_id, r.incarnation, q.value AS number, d.hash, s.store_id, d.type, r.heard_at_ms
  FROM resume_point AS r JOIN series AS s USING (incarnation), json_each(r.quarantined) AS q
  LEFT JOIN document AS d ON d.document_key = (r.incarnation << 40 | q.value);

-- Acts that somebody may have to answer for. Everything but the daily course of trade, so that a kind of
-- document that is added later is seen here until somebody decides that it is trade.
CREATE VIEW c_audit AS
SELECT d.document_id AS audit_id, d.occurred_at_ms AS at_ms, d.operator_id AS actor, d.type AS action,
       s.workstation_id || '/' || d.incarnation || '/' || d.number AS subject,
       json_extract(CAST(d.data AS TEXT), '$.body') AS facts
  FROM document AS d JOIN series AS s USING (incarnation)
 WHERE d.type NOT IN ('sale', 'shift_opened', 'shift_settled', 'tender_movement', 'stock_movement', 'count',
                      'points_moved', 'basket_held', 'basket_recalled', 'allowance_reported');
