SELECT workstation_id, incarnation, number, store_id, type, document_id, occurred_at_ms, hlc,
       business_day, operator_id, shift_id, release_version, prev_hash, hash, received_at_ms
FROM document
