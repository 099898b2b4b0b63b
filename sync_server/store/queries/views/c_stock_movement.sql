SELECT workstation_id, incarnation, number, movement_no, store_id, business_day, hlc, sku, quantity_milli,
       reason
FROM stock_movement
