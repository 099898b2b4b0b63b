"""What head office can do, one module a noun; no HTTP here and no SQL."""
