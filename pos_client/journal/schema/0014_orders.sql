-- Few documents among many sales; a sale touches none of them.
CREATE INDEX document_of_orders ON document (document_key) WHERE type IN ('goods_ordered', 'order_closed');
