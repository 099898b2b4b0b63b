"""Goods and empties that come back: the sale found, what is left of it, the money."""
