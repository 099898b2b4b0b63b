SELECT store_id, sku, on_hand_milli AS quantity_milli, doubtful_milli, counted_at_hlc
FROM stock_state
