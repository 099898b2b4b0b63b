"""Tax-inclusive prices and the tax inside them."""
