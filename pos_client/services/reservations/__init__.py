"""Goods put aside for a shopper: told to the store that has them, fetched with a slip."""
