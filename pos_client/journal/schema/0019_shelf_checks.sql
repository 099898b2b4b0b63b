-- Few documents among many sales; a sale touches none of them.
CREATE INDEX document_of_shelf_checks ON document (business_day) WHERE type = 'shelf_checked';
