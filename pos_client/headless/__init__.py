"""The second front end: the same services as the window, over JSON lines."""
