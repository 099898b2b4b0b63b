"""What documents promise about themselves."""
