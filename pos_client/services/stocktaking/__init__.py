"""Stocktakes: planned, counted at many places, looked at and approved."""
