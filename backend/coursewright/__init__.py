"""Coursewright turns a topic, or a person's own documents, into a complete course."""

__version__ = "0.1.0"
