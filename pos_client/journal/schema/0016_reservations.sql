-- Few documents among many sales; a sale touches none of them.
CREATE INDEX document_of_reservations ON document (document_key)
    WHERE type IN ('reservation_made', 'reservation_reported');
