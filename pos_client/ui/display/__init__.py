"""The customer display: a second window that only ever shows."""
