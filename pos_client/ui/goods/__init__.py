"""Windows of stock: cards, counts, deliveries, labels, transfers, the day."""
