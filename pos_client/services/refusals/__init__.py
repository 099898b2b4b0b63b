"""What the services refuse by themselves; the core's and the storage's own errors pass through unchanged."""
