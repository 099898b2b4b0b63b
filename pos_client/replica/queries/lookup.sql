-- name: item_by_sku
SELECT sku, name, name_en, receipt_name, brand, department_code, tax_class_code, sale_kind, unit, floor_minor,
       age_minimum, deposit_sku, tags, pinyin, pinyin_initials, sales_rank, active
FROM item WHERE sku = ?;

-- name: item_by_gtin
SELECT i.sku, i.name, i.name_en, i.receipt_name, i.brand, i.department_code, i.tax_class_code, i.sale_kind,
       i.unit, i.floor_minor, i.age_minimum, i.deposit_sku, i.tags, i.pinyin, i.pinyin_initials, i.sales_rank,
       i.active, g.pack_quantity_milli
FROM gtin AS g JOIN item AS i ON i.sku = g.sku WHERE g.gtin = ?;

-- name: item_by_plu
SELECT i.sku, i.name, i.name_en, i.receipt_name, i.brand, i.department_code, i.tax_class_code, i.sale_kind,
       i.unit, i.floor_minor, i.age_minimum, i.deposit_sku, i.tags, i.pinyin, i.pinyin_initials, i.sales_rank,
       i.active
FROM plu AS p JOIN item AS i ON i.sku = p.sku WHERE p.plu = ?;

-- name: gtins_of_item
SELECT gtin, sku, pack_quantity_milli FROM gtin WHERE sku = ? ORDER BY pack_quantity_milli, gtin;

-- name: price_at
-- Rows of the newest release that names the pair; among them the latest start that is valid.
SELECT price_list_id, sku, since_release, effective_from_ms, effective_to_ms, price_minor FROM price
WHERE price_list_id = :price_list_id AND sku = :sku
  AND since_release = (
      SELECT max(since_release) FROM price
      WHERE price_list_id = :price_list_id AND sku = :sku AND since_release <= :version
  )
  AND effective_from_ms <= :instant_ms AND (effective_to_ms IS NULL OR effective_to_ms > :instant_ms)
ORDER BY effective_from_ms DESC LIMIT 1;

-- name: store
SELECT store_id, name, region, address, latitude_e6, longitude_e6, time_zone, price_list_id, store_groups
FROM store WHERE store_id = ?;

-- name: price_list
SELECT price_list_id, name, currency FROM price_list WHERE price_list_id = ?;

-- name: tax_class
SELECT tax_class_code, name, rate_ppm FROM tax_class WHERE tax_class_code = ?;

-- name: department
SELECT department_code, parent_code, name, name_en FROM department WHERE department_code = ?;

-- name: departments
SELECT department_code, parent_code, name, name_en FROM department ORDER BY department_code;

-- name: policy
SELECT value FROM policy WHERE policy_key = ?;

-- name: tender_types
SELECT tender_code, tender_kind, name, name_en, opens_drawer, gives_change, position
FROM tender_type ORDER BY position, tender_code;

-- name: employee_by_number
SELECT employee_id, operator_number, name, role, pin_verifier, active
FROM employee WHERE operator_number = ? ORDER BY active DESC, employee_id LIMIT 1;

-- name: employee_by_id
SELECT employee_id, operator_number, name, role, pin_verifier, active FROM employee WHERE employee_id = ?;

-- name: member_by_blind_index
-- Of two ids with one phone the one that survived a merge.
SELECT m.member_id, m.blind_index, m.masked_phone, m.display_name, m.tier, m.points_balance, m.birthday_month,
       m.consents
FROM member AS m LEFT JOIN member_detail AS d ON d.member_id = m.member_id
WHERE m.blind_index = ? ORDER BY d.alias_of IS NOT NULL, m.member_id LIMIT 1;

-- name: member_by_id
SELECT member_id, blind_index, masked_phone, display_name, tier, points_balance, birthday_month, consents
FROM member WHERE member_id = ?;
