SELECT workstation_id, incarnation, number, hash, store_id, in_chain, reason, detail, received_at_ms,
       resolution, resolved_at_ms
FROM quarantine
