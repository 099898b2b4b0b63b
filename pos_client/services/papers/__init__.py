"""Papers: receipts and slips, the names and codes on them, and the queue to the printer."""
