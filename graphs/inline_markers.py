"""Read a sentence of which a marker is a word, as in "According to [1], the fee is 21 euros".

Such a marker keeps its place. Told by grammar, of English: behind a preposition, where the sentence
goes on, or as what says something: "[1] states that the fee is 21 euros".
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from graphs.markers import begins_sentence, cited, parted, without_markers
from graphs.openings import FRAME, opening_of
from graphs.protocols import Claim, Piece
from graphs.stops import CLOSED, ENDS
from graphs.text import PREPOSITION, content, words

NAMED = "the passage"
"""What a marker says that is a word."""
LONGEST = 3  # words before it; with more an opening is a clause: "When you check in [1], ..."

_OPEN = re.compile(rf"(?<!\w){PREPOSITION}\s*\Z", re.IGNORECASE)
_NEAR = 40  # characters before a marker, more than a preposition is long
_ENDED = re.compile(rf"[{ENDS}]{CLOSED}\s*\Z")


def read_claim(sentence: str, shown: int, known: Set[str]) -> Claim:
    """Return what a sentence with markers in one form claims.

    `shown` is how many passages there are, and `known` are stems that they and the question have.
    """
    pieces = parted(sentence)
    kept = [p for at, p in enumerate(pieces) if isinstance(p, str) or _is_word(pieces, at)]
    said = without_markers(sentence, shown)
    if all(isinstance(piece, str) for piece in kept):
        return Claim(said, cited(sentence))
    return Claim(_opened(kept, known) or said, cited(sentence), tuple(kept))


def in_words(claim: Claim) -> str:
    """Write a claim without numbers, those that are words of it as words."""
    return _said(claim.written) if claim.written else claim.text


def _is_word(pieces: Sequence[Piece], at: int) -> bool:
    """Tell whether a sentence cannot do without a marker."""
    before, after = _text(pieces[:at]), _text(pieces[at + 1 :])
    if before.strip():
        return _OPEN.search(before[-_NEAR:]) is not None and bool(words(after))
    return begins_sentence(after) and _ENDED.search(after) is not None


def _opened(pieces: Sequence[Piece], known: Set[str]) -> str:
    """Return a sentence as words, if the first of its markers is in an opening that claims nothing.

    Nothing is returned for an opening that may be more: a clause, or words that are known.
    """
    at = next(at for at, piece in enumerate(pieces) if not isinstance(piece, str))
    before, said = _text(pieces[:at]), _said(pieces)
    opening, begin = opening_of(said, known), len(_said(pieces[: at + 1]))
    behind = content(opening[begin:])
    own = {*content(before), *behind}
    told = len(opening) > begin and FRAME.issuperset(behind) and not own & known
    return said if told and len(words(before)) <= LONGEST else ""


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


def _said(pieces: Sequence[Piece]) -> str:
    return "".join(p if isinstance(p, str) else f" {NAMED}" for p in pieces).strip()
