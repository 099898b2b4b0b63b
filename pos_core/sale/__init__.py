"""The sale: basket, line items, tenders, and the transaction they become."""
