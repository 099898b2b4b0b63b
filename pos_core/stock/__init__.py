"""Stock movements and their reasons."""
