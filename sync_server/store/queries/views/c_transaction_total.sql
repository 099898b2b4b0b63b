SELECT workstation_id, incarnation, number, store_id, business_day, type, shift_id, currency, member_id,
       line_count, subtotal_minor, discount_minor, cash_rounding_minor, total_minor, tax_minor
FROM transaction_total
