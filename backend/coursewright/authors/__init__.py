"""Who writes: the built-in author (out of sources, without a model), later the model author."""
