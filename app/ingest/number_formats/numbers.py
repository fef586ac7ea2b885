"""Write a number in one section of a number format: places, scales, powers and fractions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from app.ingest.number_formats.sections import (
    AS_TEXT,
    GENERAL,
    PLACES,
    TEXT,
    Section,
    Token,
    kinds_of,
    plain_text,
)

_LARGEST = 1e300  # no spreadsheet holds more
_EXACT = Context(prec=700, rounding=ROUND_HALF_UP)  # digits of the largest number and its decimals
_SCALES = re.compile(r"(?<=[0#?]),+(?![0#?,])")  # each comma behind the last place: by a thousand
_GROUPS = re.compile(r"(?<=[0#?]),(?=[0#?])")
_POINT = re.compile(r"\.(?=[0#?])")
_POWER = re.compile(r"E[0#?]+")
_FRACTION = re.compile(r"([0#?]+)t*/t*([0#?]+|9[09]*)")
_STRAY = re.compile(r"E|\.[0#?].*\.[0#?]")  # what is no form of an amount


def written_number(value: float, section: Section) -> str | None:
    """Write a number as a section shows it, or return None for what is no form of a number."""
    if not abs(value) < _LARGEST:
        return None
    text = _unsigned(value, section.tokens)
    if text is None:
        return None
    bare = section.is_negative or value >= 0 or _is_nothing(text)
    return " ".join(f"{'' if bare else '-'}{text}".split())


def plain(value: float) -> str:
    """Write a number without any form."""
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.12g}"


def _unsigned(value: float, tokens: Sequence[Token]) -> str | None:
    kinds = kinds_of(tokens)
    if GENERAL in kinds or AS_TEXT in kinds:
        return plain_text([_plainly(value, token) for token in tokens])
    if fraction := _FRACTION.search(kinds):
        return _fraction(_exact(value), tokens, fraction)
    if power := _POWER.search(kinds):
        return _power(_exact(value), tokens, power)
    return _amount(_exact(value), tokens)


def _plainly(value: float, token: Token) -> Token:
    return Token(TEXT, plain(abs(value))) if token.kind in (GENERAL, AS_TEXT) else token


def _exact(value: float) -> Decimal:
    """Take the 15 digits that spreadsheets keep, so that 1.005 is no 1.00499999."""
    return abs(Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}"))


def _is_nothing(text: str) -> bool:
    """Tell an amount that is rounded to zero, which has no sign."""
    digits = {character for character in text if character.isdigit()}
    return digits == {"0"}


def _amount(amount: Decimal, tokens: Sequence[Token]) -> str | None:
    """Put the digits at their places, and leave what stands between these as it is."""
    kinds = _SCALES.sub(lambda commas: "k" * len(commas[0]), kinds_of(tokens))
    kinds = _GROUPS.sub("g", kinds)
    if _STRAY.search(kinds):
        return None
    found = _POINT.search(kinds)
    point = found.start() if found else len(kinds)
    scaled = amount.scaleb(2 * kinds.count("%") - 3 * kinds.count("k"), _EXACT)
    whole, _, decimals = f"{_rounded(scaled, len(_places(kinds[point:]))):f}".partition(".")
    return _whole(whole.lstrip("0"), tokens[:point], kinds[:point], bare=found is None) + _decimals(
        decimals, tokens[point:], kinds[point:]
    )


def _rounded(amount: Decimal, decimals: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-decimals), context=_EXACT)


def _places(kinds: str) -> str:
    return "".join(kind for kind in kinds if kind in PLACES)


def _whole(digits: str, tokens: Sequence[Token], kinds: str, *, bare: bool) -> str:
    """Fill the places before the point from the right; the first one takes all that is left."""
    places = _places(kinds)
    if not places:
        return plain_text(tokens) + ("" if bare else digits)
    digits = digits.zfill(len(places.lstrip("#?")))
    pieces = _grouped(digits) if "g" in kinds else list(digits)
    surplus = max(len(pieces) - len(places), 0)
    pieces = ["".join(pieces[: surplus + 1]), *pieces[surplus + 1 :]]
    return _filled([""] * (len(places) - len(pieces)) + pieces, tokens, kinds)


def _grouped(digits: str) -> list[str]:
    """Hang a comma on each digit that begins a thousand."""
    left = range(len(digits) - 1, -1, -1)
    return [f"{digit}{',' * (n > 0 and n % 3 == 0)}" for digit, n in zip(digits, left, strict=True)]


def _decimals(digits: str, tokens: Sequence[Token], kinds: str) -> str:
    """Fill the places behind the point, without the zeros that a format leaves out."""
    places = _places(kinds)
    kept = digits.rstrip("0").ljust(len(places.rstrip("#?")), "0")
    text = _filled([*kept, *[""] * (len(places) - len(kept))], tokens, kinds)
    return text if kept else text.removeprefix(".")


def _filled(pieces: Sequence[str], tokens: Sequence[Token], kinds: str) -> str:
    left = iter(pieces)
    parts = zip(kinds, tokens, strict=True)
    return "".join(
        next(left) if kind in PLACES else "" if kind in "kg" else token.text
        for kind, token in parts
    )


def _power(amount: Decimal, tokens: Sequence[Token], found: re.Match[str]) -> str | None:
    """Write `0.0E+00`; more places before the point, as in `##0E+0`, make steps of as many."""
    front = tokens[: found.start()]
    whole, _, decimals = kinds_of(front).partition(".")
    step, rounding = len(_places(whole)) or 1, len(_places(decimals))
    power = amount.adjusted() // step * step if amount else 0
    if _rounded(amount.scaleb(-power, _EXACT), rounding).adjusted() >= step:
        power += step
    text = _amount(amount.scaleb(-power, _EXACT), front)
    if text is None:
        return None
    sign = "-" if power < 0 else tokens[found.start()].text.strip("Ee-")
    digits = str(abs(power)).zfill(len(found[0]) - 1)
    return f"{text}E{sign}{digits}{plain_text(tokens[found.end() :])}"


def _fraction(amount: Decimal, tokens: Sequence[Token], found: re.Match[str]) -> str | None:
    """Write `# ?/?`, or `# ?/8` with the number below as it is given."""
    front, mixed = tokens[: found.start()], bool(_places(kinds_of(tokens[: found.start()])))
    whole = int(amount) if mixed else 0
    above, below = _nearest(Fraction(amount) - whole, plain_text(tokens[slice(*found.span(2))]))
    if mixed and above == below:
        whole, above = whole + 1, 0
    text = _amount(Decimal(whole), front)
    if text is None or "%" in kinds_of(tokens):
        return None
    parts = f"{above}/{below}" if above or not mixed else "" if whole else "0"
    return f"{text.rstrip() if not parts else text}{parts}{plain_text(tokens[found.end() :])}"


def _nearest(rest: Fraction, below: str) -> tuple[int, int]:
    """Return the nearest fraction with a given number below the line, or with so many digits."""
    if below.strip("0#?"):
        return int(rest * int(below) + Fraction(1, 2)), int(below)
    near = rest.limit_denominator(10 ** len(below) - 1)
    return near.numerator, near.denominator
