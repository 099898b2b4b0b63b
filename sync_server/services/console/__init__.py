"""What the console's pages do: everything but the pages."""
