-- Few documents among many sales; a sale touches none of them.
CREATE INDEX document_of_credentials ON document (document_key) WHERE type = 'credential_changed';
