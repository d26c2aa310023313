"""The question gate: what may be published, and why the rest was refused."""
