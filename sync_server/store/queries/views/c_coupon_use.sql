SELECT workstation_id, incarnation, number, use_no, store_id, business_day, hlc, campaign_id, coupon_code,
       member_id, amount_minor
FROM coupon_use
