SELECT member_id, home_store_id, tier, points_balance, consents
FROM member
