"""Coupon campaigns: what is planned, who is meant, and the runs that issue."""
