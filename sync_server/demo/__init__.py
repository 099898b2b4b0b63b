"""The demo chain: made by hand and by rule, the same every time. Nobody and nothing in it is real."""
