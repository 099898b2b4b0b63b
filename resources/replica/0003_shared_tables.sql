-- Shared state as head office folded it (pos_core/sync/reference.py), one table a kind, as in 0001.

CREATE TABLE series_point (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (workstation_id, incarnation)
) WITHOUT ROWID;

CREATE TABLE stock_on_hand (
    sku TEXT NOT NULL,
    on_hand_milli INTEGER NOT NULL,
    counted_at_hlc TEXT,
    doubtful_milli INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (sku)
) WITHOUT ROWID;

CREATE TABLE member_detail (
    member_id TEXT NOT NULL,
    status TEXT NOT NULL,
    code_verifier TEXT,
    card_index TEXT,
    stored_value_minor INTEGER NOT NULL,
    alias_of TEXT,
    last_seen_day TEXT,
    code_failures INTEGER NOT NULL,
    code_locked_until_ms INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (member_id)
) WITHOUT ROWID;

CREATE TABLE coupon_campaign (
    campaign_id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    promotion_id TEXT NOT NULL,
    offline_class TEXT NOT NULL,
    uses_max INTEGER NOT NULL,
    per_member_max INTEGER,
    budget_minor INTEGER,
    valid_from_ms INTEGER NOT NULL,
    valid_to_ms INTEGER NOT NULL,
    terms TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (campaign_id)
) WITHOUT ROWID;

CREATE TABLE coupon_key (
    key_id TEXT NOT NULL,
    public_key TEXT NOT NULL,
    state TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (key_id)
) WITHOUT ROWID;

CREATE TABLE member_coupon (
    coupon_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    state TEXT NOT NULL,
    code_index TEXT NOT NULL,
    valid_from_ms INTEGER NOT NULL,
    valid_to_ms INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (coupon_id)
) WITHOUT ROWID;

CREATE TABLE coupon_lease (
    code_index TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    coupon_id TEXT NOT NULL,
    allowance_id TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (code_index)
) WITHOUT ROWID;

CREATE TABLE ruling (
    ruling_id TEXT NOT NULL,
    data TEXT NOT NULL,
    superseded_by TEXT,
    made_at_ms INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (ruling_id)
) WITHOUT ROWID;
