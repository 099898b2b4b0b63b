"""Goods where they sell: what lies where, and transfers found by optimisation."""
