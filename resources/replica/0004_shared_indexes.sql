CREATE INDEX member_detail_by_card ON member_detail (card_index) WHERE card_index IS NOT NULL;
CREATE INDEX member_coupon_of_member ON member_coupon (member_id);
CREATE INDEX member_coupon_by_code ON member_coupon (code_index);
