"""Calls of models: which model for which service, through the key pools, into a ledger."""
