"""Tables and the SQL on them; one module a noun, nothing above may write SQL."""
