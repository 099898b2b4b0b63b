SELECT audit_id, at_ms, actor, action, subject, facts FROM audit
