"""The manager's day: the whole store's figures, the day's end, what waits, what to look at."""
