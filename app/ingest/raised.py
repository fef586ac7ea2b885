"""Raised characters of formatted text, which would run into the number before them."""

_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")


def raised(text: str) -> str:
    """Write superscript text in raised characters where all of it has them: 10⁶, 450¹, m².

    Other text, as in "1st", stays as it is.
    """
    written = text.translate(_RAISED)
    lowered = any(mark in written for mark in text if mark != "," and not mark.isspace())
    return text if lowered else written
