"""The ASGI edge: routes, signed requests, error codes."""
