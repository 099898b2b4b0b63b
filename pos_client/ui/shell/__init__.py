"""The window itself: its screens, what stands around them, and how it starts."""
