-- The outside contract; every column is described in docs/views.md.
CREATE VIEW c_document AS
SELECT s.workstation_id, d.incarnation, d.number, d.type, d.document_id, s.store_id, d.occurred_at_ms, d.hlc,
       d.business_day, d.operator_id, d.shift_id, d.release_version, d.hash, length(d.data) AS length,
       CAST(d.data AS TEXT) AS data
  FROM document AS d JOIN series AS s USING (incarnation);

CREATE VIEW c_transaction AS
SELECT workstation_id, incarnation, number, store_id, business_day, type, shift_id, currency, member_id,
       line_count, subtotal_minor, discount_minor, cash_rounding_minor, total_minor, tax_minor
  FROM transaction_total;

CREATE VIEW c_line AS
SELECT workstation_id, incarnation, number, line_no, store_id, business_day, type, sku, gtin, name,
       department_code, quantity_milli, unit_price_minor, list_minor, discount_minor, net_minor,
       tax_class_code, tax_rate_ppm, tax_minor, entered, weight_milli
  FROM line;

CREATE VIEW c_tender AS
SELECT workstation_id, incarnation, number, tender_no, store_id, business_day, type, tender_code, tender_kind,
       amount_minor, change_minor, confirmed, reference
  FROM tender;

CREATE VIEW c_stock_movement AS
SELECT workstation_id, incarnation, number, movement_no, store_id, business_day, hlc, sku, quantity_milli, reason
  FROM stock_movement;

CREATE VIEW c_points_movement AS
SELECT workstation_id, incarnation, number, movement_no, store_id, business_day, hlc, member_id, points, reason
  FROM points_movement;

CREATE VIEW c_coupon_use AS
SELECT workstation_id, incarnation, number, use_no, store_id, business_day, hlc, campaign_id, coupon_code,
       member_id, amount_minor
  FROM coupon_use;

CREATE VIEW c_shift AS
SELECT shift_id, opened_key >> 40 AS incarnation, opened_key & 0xFFFFFFFFFF AS opened_number, opened_at_ms,
       business_day, operator_id, float_minor, settled_key & 0xFFFFFFFFFF AS settled_number
  FROM shift;

CREATE VIEW c_series AS
SELECT s.workstation_id, s.incarnation, s.store_id, d.number AS last_number, d.hash AS head_hash,
       coalesce(r.acked_number, 0) AS acked_number
  FROM series AS s
  JOIN document AS d ON d.document_key = (
       SELECT max(document_key) FROM document
        WHERE document_key BETWEEN s.incarnation << 40 AND (s.incarnation << 40) + 0xFFFFFFFFFF)
  LEFT JOIN resume_point AS r ON r.incarnation = s.incarnation;
