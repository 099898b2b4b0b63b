-- The epoch in which head office said that it has the key. In another epoch it may have lost it: sent again.
ALTER TABLE member_key ADD COLUMN acked_epoch TEXT;
