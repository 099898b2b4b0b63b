SELECT workstation_id, incarnation, number, store_id, 'price_' || source AS kind, found_at_ms AS at_ms,
       difference_minor, findings AS detail
FROM price_finding
UNION ALL
SELECT workstation_id, incarnation, number, store_id, 'fork' AS kind, received_at_ms AS at_ms,
       0 AS difference_minor, hash AS detail
FROM quarantine
WHERE reason = 'fork' AND resolved_at_ms IS NULL
