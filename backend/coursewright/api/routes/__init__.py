"""The routes, one module per thing."""
