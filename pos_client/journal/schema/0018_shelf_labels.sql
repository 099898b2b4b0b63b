-- Few documents among many sales; a sale touches none of them.
CREATE INDEX document_of_labels ON document (incarnation, number) WHERE type = 'labels_changed';
