"""Opening a shift."""
