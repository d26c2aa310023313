"""Postgres: the embedded server, connections, migrations, and all SQL."""
