-- Which stocktake the newest count of an item belongs to, and what is below zero.
CREATE INDEX count_result_of_item ON count_result (sku, counted_at_hlc);
CREATE INDEX stock_below_zero ON stock_on_hand (sku) WHERE on_hand_milli < 0;
