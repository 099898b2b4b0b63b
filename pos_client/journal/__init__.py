"""Our own facts: one encrypted SQLite file, a chain of documents, and a witness on another path."""
