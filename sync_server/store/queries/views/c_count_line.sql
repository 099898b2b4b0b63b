SELECT workstation_id, incarnation, number, line_no, store_id, business_day, hlc, sku, counted_milli,
       recorded_milli, session_id, round, area, shelf, own_number, cut
FROM count_line
