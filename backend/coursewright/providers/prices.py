"""What a call costs, by the price lists of `genai-prices`."""

from decimal import Decimal
from functools import lru_cache

from coursewright.keys.attempts import Tokens

_PROVIDERS = {"gemini": "google", "groq": "groq", "openai": "openai"}


def cost_usd(provider: str, model: str, tokens: Tokens) -> Decimal:
    """US dollars at the paid tier's prices; 0 for a model that no price is known of.

    A free tier charges nothing: what is shown is what the same course would cost without it.
    """
    unit = _per_token(provider, model)
    fresh = max(0, tokens.prompt - tokens.cached)
    return fresh * unit[0] + tokens.cached * unit[1] + tokens.answer * unit[2]


def is_known(provider: str, model: str) -> bool:
    """Whether there is a price: without one, a limit on the cost cannot be kept."""
    return any(_per_token(provider, model))


@lru_cache(maxsize=256)
def _per_token(provider: str, model: str) -> tuple[Decimal, Decimal, Decimal]:
    """The prices of one fresh, one cached and one answered token."""
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - its tables take a while to load

    def price(usage: Usage) -> Decimal:
        try:
            found = calc_price(usage, model, provider_id=_PROVIDERS.get(provider, provider))
        except LookupError:
            return Decimal(0)
        return Decimal(found.total_price) / 1000

    # A thousand tokens: few enough for the lowest tier of those who charge more for long prompts.
    fresh = price(Usage(input_tokens=1000))
    cached = price(Usage(input_tokens=1000, cache_read_tokens=1000))
    return fresh, cached, price(Usage(output_tokens=1000))
