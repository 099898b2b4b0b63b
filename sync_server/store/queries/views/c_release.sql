SELECT version, manifest_sha256, issued_at_ms, effective_from_ms, expires_at_ms, note FROM release
