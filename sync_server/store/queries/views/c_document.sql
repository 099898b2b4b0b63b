SELECT workstation_id, incarnation, number, store_id, type, in_data(document_id) AS document_id, occurred_at_ms,
       in_data(hlc) AS hlc, business_day, operator_id, shift_id, release_version, in_data(prev_hash) AS prev_hash,
       hash, received_at_ms
FROM document
