"""Words that turn what is said round."""

from __future__ import annotations

import re

DENIAL = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|forbidden|prohibited"
    r"|nicht|kein\w*|nie|pas|jamais|aucun\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
