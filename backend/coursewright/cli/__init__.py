"""The command line. Data goes to stdout, everything else to stderr."""

from coursewright.cli.app import main

__all__ = ["main"]
