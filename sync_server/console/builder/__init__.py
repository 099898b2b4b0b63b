"""The form of a promotion: which fields a kind has, and how each is written in JSON."""
