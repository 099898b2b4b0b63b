-- Lists that somebody is working on: counts, deliveries, goods thrown away. No documents yet.
CREATE TABLE stock_list (
    list_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    data TEXT NOT NULL
) STRICT;

CREATE TABLE stock_list_line (
    list_id TEXT NOT NULL,
    line_no INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (list_id, line_no)
) STRICT, WITHOUT ROWID;

-- Few documents among many sales; a sale touches none of them.
CREATE INDEX document_of_stocktakes ON document (document_key) WHERE type IN ('count_opened', 'count_approved');
CREATE INDEX count_line_of_session ON count_line (session_id, sku) WHERE session_id IS NOT NULL;
