"""Receipts: one model of what is on the paper, and its renderings as printer bytes, picture and text."""
