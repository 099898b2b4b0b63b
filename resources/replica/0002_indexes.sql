-- Apart from the tables, so that a snapshot is built in the cheap order: rows first, indexes last.

CREATE INDEX gtin_of_item ON gtin (sku);
CREATE INDEX plu_of_item ON plu (sku);
CREATE INDEX employee_by_number ON employee (operator_number);
CREATE INDEX member_by_blind_index ON member (blind_index);
CREATE UNIQUE INDEX search_entry_of_item ON search_entry (sku);
CREATE INDEX search_entry_by_pinyin ON search_entry (pinyin);
