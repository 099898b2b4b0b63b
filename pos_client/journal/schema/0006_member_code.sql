-- How often in a row a member's code was wrong here, folded from member_code_failed and member_code_accepted.
CREATE TABLE member_code_state (
    member_id TEXT NOT NULL PRIMARY KEY,
    failed_count INTEGER NOT NULL,
    locked_until_ms INTEGER NOT NULL,
    document_key INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
