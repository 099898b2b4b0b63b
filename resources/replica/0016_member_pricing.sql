-- What promotions ask of a member: the number of orders, the day of the birthday (docs/promotions.md, 2.16).

CREATE TABLE member_pricing (
    member_id TEXT NOT NULL,
    orders INTEGER NOT NULL,
    birthday_day INTEGER,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (member_id)
) WITHOUT ROWID;
