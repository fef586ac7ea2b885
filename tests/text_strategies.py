"""Texts as documents and answers have them, for properties that must hold of any."""

from hypothesis import strategies as st

FRAGMENTS = [
    *["The pool is 25 metres long.", "It opened in 1911. ", "Dogs are not let in", "pool", "long."],
    *["\n", "\n\n", " ", "\t", "\u2028", "- ", "\n* ", "2. ", "(a) ", "# Pool\n", "Hours:", ": "],
    *["| Day | Fare |\n", "| --- | --- |\n", "| Mon | £7.10 |\n", "|", "Plan: Team; Users: 25"],
    *[
        "[1]",
        "[2, 3]",
        " [9].",
        "[0]",
        "[[1]2]",
        "[x]",
        "```\nrun 1\n```",
        "```",
        "…",
        "e\u0301",
        "中文。",
        "ß",
        "🙂",
        "½",
    ],
    *["Mr. Smith", "e.g. ", "x" * 70, "not ", "no", "“", "”", '"', "{", "}", ";", ",", "0", "-1"],
]
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=12).map("".join)
