"""A day in the life of a store: three workstations, ten hours, the line cut for six of them."""
