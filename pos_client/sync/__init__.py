"""The network worker: pushes the journal, pulls HQ's data, and never stands in the way of a sale."""
