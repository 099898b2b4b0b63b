"""Members at the till: found, joined, changed, and proven by their own code."""
