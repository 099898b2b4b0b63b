"""Tills and shifts: opening float, tender movements, settlement."""
