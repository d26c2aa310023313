"""How a model is asked, and how its answers become values of the domain."""
