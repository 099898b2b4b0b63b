"""The Windows set-up file."""
