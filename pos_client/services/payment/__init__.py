"""Paying: tenders, the card terminal, what accounts give, and the sale that is written."""
