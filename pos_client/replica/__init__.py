"""HQ's data as last heard: one encrypted file that a snapshot may replace at any time, never our facts."""
