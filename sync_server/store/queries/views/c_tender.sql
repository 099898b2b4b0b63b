SELECT workstation_id, incarnation, number, tender_no, store_id, business_day, type, tender_code,
       tender_kind, amount_minor, change_minor, confirmed, reference
FROM tender
