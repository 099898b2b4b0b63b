-- name: credentials
SELECT data FROM document INDEXED BY document_of_credentials WHERE type = 'credential_changed' ORDER BY document_key;
