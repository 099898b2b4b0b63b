"""Commands of `python -m pos_client` beside the checkout window."""
