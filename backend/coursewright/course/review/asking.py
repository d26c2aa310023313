"""Whether a text asks something, in the writing of its language."""

_MARKS = ("?", "？", "؟", "⁇", "՞", "፧", "⸮", "\u037e")


def asks(text: str, language: str) -> bool:
    """Whether it holds a question mark, or ends as questions of its language do without one."""
    if any(mark in text for mark in _MARKS):
        return True
    main = language.partition("-")[0].lower()
    ending = text.rstrip()
    if main == "ja":
        return ending.rstrip("。").endswith("か")
    # The Greek question mark looks like a semicolon, and is mostly written as one.
    return main == "el" and ending.endswith(";")
