"""Head office's console: web pages over the same services that the command line uses."""
