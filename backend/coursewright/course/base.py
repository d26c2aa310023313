"""What every value of the domain has in common."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value: equal when its fields are equal, refused when a field is unknown.

    The domain is pure: values never read the clock, the network, a file or a random source; what
    they need of those is passed in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
