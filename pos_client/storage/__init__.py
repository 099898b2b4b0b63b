"""Opening an encrypted SQLite file safely, and the one thread that writes to it.

Shared by `pos_client/journal` (our facts) and `pos_client/replica` (HQ's data as last heard).
"""
