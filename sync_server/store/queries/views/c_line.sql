SELECT workstation_id, incarnation, number, line_no, store_id, business_day, type, sku, gtin, name,
       department_code, quantity_milli, unit_price_minor, list_minor, discount_minor, net_minor,
       tax_class_code, tax_rate_ppm, tax_minor, entered, weight_milli
FROM line
