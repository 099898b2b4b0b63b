SELECT price_list_id, sku, effective_from_ms, effective_to_ms, price_minor, published_version
FROM price_draft
