"""Durations as the services write them."""


def spoken(seconds: float, digits: int = 9) -> str:
    """`46.1s`, `2m59.56s`, `10h17m5.72s`."""
    whole = round(max(0.0, seconds), digits)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    text = f"{rest:.{digits}f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours:.0f}h{minutes:.0f}m{text}"
    return f"{minutes:.0f}m{text}" if minutes else text
