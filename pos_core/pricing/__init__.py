"""Unified pricing: values in, values out; one answer on workstation, server and web shop.

Start at docs/promotions.md. `load` reads rules and baskets, `compiled` readies a release, `engine` prices.
"""
