-- Documents of every series this workstation ever had, oldest series first.
-- document_key = (incarnation << 40) | number: one B-tree in order of writing, so a commit touches few pages.
CREATE TABLE series (
    incarnation INTEGER PRIMARY KEY,
    workstation_id TEXT NOT NULL,
    store_id TEXT NOT NULL
) STRICT;

CREATE TABLE document (
    document_key INTEGER PRIMARY KEY,
    incarnation INTEGER NOT NULL REFERENCES series (incarnation),
    number INTEGER NOT NULL CHECK (number > 0 AND document_key = (incarnation << 40) | number),
    type TEXT NOT NULL,
    document_id TEXT NOT NULL,
    occurred_at_ms INTEGER NOT NULL,
    hlc TEXT NOT NULL,
    business_day TEXT NOT NULL,
    operator_id TEXT,
    shift_id TEXT,
    release_version INTEGER,
    hash TEXT NOT NULL,
    data BLOB NOT NULL
) STRICT;

CREATE TABLE transaction_total (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    store_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    type TEXT NOT NULL,
    shift_id TEXT,
    currency TEXT NOT NULL,
    member_id TEXT,
    line_count INTEGER NOT NULL,
    subtotal_minor INTEGER NOT NULL,
    discount_minor INTEGER NOT NULL,
    cash_rounding_minor INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    PRIMARY KEY (workstation_id, incarnation, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE line (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    line_no INTEGER NOT NULL,
    store_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    type TEXT NOT NULL,
    sku TEXT NOT NULL,
    gtin TEXT,
    name TEXT NOT NULL,
    department_code TEXT,
    quantity_milli INTEGER NOT NULL,
    unit_price_minor INTEGER NOT NULL,
    list_minor INTEGER NOT NULL,
    discount_minor INTEGER NOT NULL,
    net_minor INTEGER NOT NULL,
    tax_class_code TEXT NOT NULL,
    tax_rate_ppm INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    entered TEXT NOT NULL,
    weight_milli INTEGER,
    PRIMARY KEY (workstation_id, incarnation, number, line_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE tender (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    tender_no INTEGER NOT NULL,
    store_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    type TEXT NOT NULL,
    tender_code TEXT NOT NULL,
    tender_kind TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    change_minor INTEGER NOT NULL,
    confirmed TEXT,
    reference TEXT,
    PRIMARY KEY (workstation_id, incarnation, number, tender_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_movement (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    movement_no INTEGER NOT NULL,
    store_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    hlc TEXT NOT NULL,
    sku TEXT NOT NULL,
    quantity_milli INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (workstation_id, incarnation, number, movement_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE points_movement (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    movement_no INTEGER NOT NULL,
    store_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    hlc TEXT NOT NULL,
    member_id TEXT NOT NULL,
    points INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (workstation_id, incarnation, number, movement_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE coupon_use (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    use_no INTEGER NOT NULL,
    store_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    hlc TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    coupon_code TEXT,
    member_id TEXT,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (workstation_id, incarnation, number, use_no)
) STRICT, WITHOUT ROWID;
