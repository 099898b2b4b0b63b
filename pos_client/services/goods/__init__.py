"""Goods besides selling: in and out, orders, transfers, labels, stock here and around."""
