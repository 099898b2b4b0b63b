-- Gift cards that were delivered to this store or shown here (docs/cash.md, "Gift cards").

CREATE TABLE gift_card (
    account_id TEXT NOT NULL,
    card_index TEXT NOT NULL,
    last_four TEXT NOT NULL,
    status TEXT NOT NULL,
    balance_minor INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (account_id)
) WITHOUT ROWID;

CREATE INDEX gift_card_by_index ON gift_card (card_index);
