-- A member's receipts, the newest first (docs/returns.md).
CREATE INDEX transaction_by_member ON transaction_total (member_id, business_day, incarnation, number)
    WHERE member_id IS NOT NULL;
