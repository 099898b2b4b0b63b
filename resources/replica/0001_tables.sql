-- The tables of a replica file, version 1. Columns and keys are those of pos_core/sync/reference.py (a test
-- compares them). `row_hash` is the row's 64-bit digest as a signed integer; `extra` keeps, as a JSON object,
-- columns that a newer server sent and this version does not know.

CREATE TABLE department (
    department_code TEXT NOT NULL,
    parent_code TEXT,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (department_code)
) WITHOUT ROWID;

CREATE TABLE tax_class (
    tax_class_code TEXT NOT NULL,
    name TEXT NOT NULL,
    rate_ppm INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (tax_class_code)
) WITHOUT ROWID;

CREATE TABLE item (
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    receipt_name TEXT NOT NULL,
    brand TEXT,
    department_code TEXT,
    tax_class_code TEXT NOT NULL,
    sale_kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    floor_minor INTEGER,
    age_minimum INTEGER,
    deposit_sku TEXT,
    tags TEXT NOT NULL,
    pinyin TEXT NOT NULL,
    pinyin_initials TEXT NOT NULL,
    sales_rank INTEGER NOT NULL,
    active INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (sku)
);

CREATE TABLE gtin (
    gtin TEXT NOT NULL,
    sku TEXT NOT NULL,
    pack_quantity_milli INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (gtin)
) WITHOUT ROWID;

CREATE TABLE plu (
    plu TEXT NOT NULL,
    sku TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (plu)
) WITHOUT ROWID;

CREATE TABLE store (
    store_id TEXT NOT NULL,
    name TEXT NOT NULL,
    region TEXT NOT NULL,
    address TEXT NOT NULL,
    latitude_e6 INTEGER,
    longitude_e6 INTEGER,
    time_zone TEXT NOT NULL,
    price_list_id TEXT NOT NULL,
    store_groups TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (store_id)
) WITHOUT ROWID;

CREATE TABLE price_list (
    price_list_id TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (price_list_id)
) WITHOUT ROWID;

CREATE TABLE tender_type (
    tender_code TEXT NOT NULL,
    tender_kind TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    opens_drawer INTEGER NOT NULL,
    gives_change INTEGER NOT NULL,
    position INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (tender_code)
) WITHOUT ROWID;

CREATE TABLE policy (
    policy_key TEXT NOT NULL,
    value TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (policy_key)
) WITHOUT ROWID;

CREATE TABLE release (
    version INTEGER NOT NULL,
    manifest TEXT NOT NULL,
    signatures TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (version)
) WITHOUT ROWID;

CREATE TABLE employee (
    employee_id TEXT NOT NULL,
    operator_number TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    pin_verifier TEXT NOT NULL,
    active INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (employee_id)
) WITHOUT ROWID;

CREATE TABLE member (
    member_id TEXT NOT NULL,
    blind_index TEXT NOT NULL,
    masked_phone TEXT NOT NULL,
    display_name TEXT NOT NULL,
    tier TEXT NOT NULL,
    points_balance INTEGER NOT NULL,
    birthday_month INTEGER,
    consents TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (member_id)
) WITHOUT ROWID;

-- Prices come only inside signed releases. A release's rows replace all rows of the (price_list_id, sku)
-- pairs it names; price_minor NULL says that the pair has no price from then on.
CREATE TABLE price (
    price_list_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    since_release INTEGER NOT NULL,
    effective_from_ms INTEGER NOT NULL,
    effective_to_ms INTEGER,
    price_minor INTEGER,
    PRIMARY KEY (price_list_id, sku, since_release, effective_from_ms)
) WITHOUT ROWID;

-- Releases that passed every check and whose files are all here. applied_at_ms NULL: staged, not switched on.
CREATE TABLE release_state (
    version INTEGER PRIMARY KEY,
    manifest_sha256 TEXT NOT NULL,
    manifest TEXT NOT NULL,
    epoch TEXT NOT NULL,
    issued_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    effective_from_ms INTEGER NOT NULL,
    staged_at_ms INTEGER NOT NULL,
    applied_at_ms INTEGER
);

-- Whole release files as they were signed: zstd of canonical JSON.
CREATE TABLE release_file (
    sha256 TEXT NOT NULL PRIMARY KEY,
    length INTEGER NOT NULL,
    data BLOB NOT NULL
);

-- Releases of the feed that were refused, newest reason each; shown to people, never applied.
CREATE TABLE release_refusal (
    version INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    at_ms INTEGER NOT NULL
);

-- What was pulled. complete = 1 once the scope has reached the server's head.
CREATE TABLE feed_cursor (
    scope TEXT NOT NULL PRIMARY KEY,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    complete INTEGER NOT NULL
) WITHOUT ROWID;

-- Rows and deletions (deleted = 1: payload is the key) of kinds that this version does not know.
CREATE TABLE unknown_row (
    scope TEXT NOT NULL,
    kind TEXT NOT NULL,
    columns TEXT NOT NULL,
    payload TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    PRIMARY KEY (scope, kind, payload, deleted)
) WITHOUT ROWID;

CREATE TABLE replica_setting (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Search. search_row = sales_rank * 2**32 + a counter: the order of results. `text` is the normalised name,
-- English name and brand; search_gram holds its characters, pairs of characters, pinyin beginnings and initials.
CREATE TABLE search_entry (
    search_row INTEGER PRIMARY KEY,
    sku TEXT NOT NULL,
    text TEXT NOT NULL,
    pinyin TEXT NOT NULL,
    initials TEXT NOT NULL
);
CREATE VIRTUAL TABLE search_gram USING fts5(
    grams, content='', contentless_delete=1, detail=none, tokenize='ascii'
);
-- Items whose search entry is behind.
CREATE TABLE search_behind (sku TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
