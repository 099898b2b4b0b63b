-- The outside contract of the replica; every column is described in docs/views.md.
CREATE VIEW c_price AS
SELECT price_list_id, sku, effective_from_ms, effective_to_ms, price_minor, since_release AS published_version
  FROM price;

-- Nothing that names or finds a person.
CREATE VIEW c_member AS
SELECT member_id, tier, points_balance, consents FROM member;
