SELECT workstation_id, incarnation, number, movement_no, store_id, business_day, hlc, account_id,
       amount_minor, reason
FROM stored_value_movement
