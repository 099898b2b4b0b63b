SELECT w.workstation_id, w.store_id, w.name, w.state, w.incarnation, w.app_version, w.enrolled_at_ms,
       w.revoked_at_ms, w.last_contact_ms, s.release_version, s.documents_waiting, s.received_at_ms
FROM workstation w LEFT JOIN status_report s ON s.workstation_id = w.workstation_id
