"""The domain: pure values and rules. Standard library and pydantic only, no I/O."""
