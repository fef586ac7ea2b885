"""Know the marks that end a sentence, in whatever script, and those that may close behind them."""

from __future__ import annotations

import re
import unicodedata

STOPS = ".!?։؟۔।॥።။។"
"""Ends where white space follows them: of Latin, Armenian, Arabic, Indic and other scripts."""
WIDE = "。！？"
"""Ends that no white space follows."""
ENDS = STOPS + WIDE
QUESTION_MARKS = "?؟？"
COLONS = (":", "：")
CLOSING = "".join(
    mark for mark in map(chr, range(0x80, 0x10000)) if unicodedata.category(mark) in ("Pe", "Pf")
)
"""Brackets and quotation marks that only close, but those of ASCII."""
CLOSERS = f"\"'){CLOSING}"
"""Brackets and quotation marks that may close behind a stop."""
CLOSED = rf"[*_{CLOSERS}]*"
"""Such marks, and those of emphasis."""

_ASKED = re.compile(rf"(?:[?؟]|？[{CLOSING}]*)\Z")


def is_question(sentence: str) -> bool:
    """Tell whether a sentence ends as a question; East Asian brackets may close behind it."""
    return _ASKED.search(sentence) is not None
