"""A chain of full size at head office, and how fast its pages are: see `__main__`."""
