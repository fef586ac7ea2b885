"""Keep of an answer what a verifier finds supported, and resolve what supports it to spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from langchain_core.documents import Document

from graphs import prompts
from graphs.inline_markers import in_words
from graphs.known import Known, in_a_row
from graphs.layout import UNFOUND, Line, read_lines, write_lines
from graphs.limits import Unsupported
from graphs.markers import without_markers
from graphs.protocols import Claim, Evidence, Spot, Support
from graphs.question import asking
from graphs.records import Record, leaves, read_record
from graphs.state import Citation
from graphs.text import words

ECHO = 3  # words; a field that repeats so many of the question in a row says nothing new


@dataclass(frozen=True)
class CheckedAnswer:
    """What is left of an answer after the check: nothing when no claim was supported."""

    text: str
    citations: list[Citation] = field(default_factory=list)
    removed: int = 0
    """Claims that nothing supports: left out, or marked."""
    confidence: float | None = None
    """Least probability among the claims that were kept."""


@dataclass(frozen=True)
class Draft:
    """An answer taken apart: what it claims, and the form that it has."""

    answer: str
    claims: list[Claim]
    lines: list[Line] | None
    """None for a JSON document, which is kept whole or not at all."""


def read_draft(answer: str, question: str, passages: Sequence[Document] = ()) -> Draft:
    """Take an answer apart into what must be checked; a plain refusal claims nothing.

    A repeated claim counts once, because weak models repeat themselves. A field of a record that
    quotes the question is no claim, unless all do. A heading is one if it tells more than question
    and passages.
    """
    if refuses(answer):
        return Draft(answer, [], [])
    record = read_record(answer)
    if record is not None:
        return Draft(record.text, _fields(record, question), None)
    lines = read_lines(answer, Known(question, passages))
    found = {claim.key: claim for line in reversed(lines) for claim in reversed(line.claims)}
    return Draft(answer, list(reversed(found.values())), lines)


def _fields(record: Record, question: str) -> list[Claim]:
    fields = [(path, without_markers(value) or value) for path, value in leaves(record.value)]
    stated = [(path, said) for path, said in fields if not _quotes(said, question)]
    claims = (Claim(f"{path}: {said}" if path else said) for path, said in stated or fields)
    return list(dict.fromkeys(claims))


def read_quote(words: str) -> Draft:
    """Take words of a passage as one claim; none of them claim nothing."""
    claim = Claim(" ".join(words.split()))
    if not claim.text:
        return Draft("", [], [])
    return Draft(claim.text, [claim], [Line("", (claim,))])


def says_otherwise(answer: str, quote: str) -> bool:
    """Tell whether a quote gives another value than an answer; to yes or no it gives none."""
    said, quoted = words(without_markers(answer)), words(quote)
    if said[:1] in (["yes"], ["no"]):
        return False
    return not (set(quoted) <= set(said) or set(said) <= set(quoted))


def refuses(answer: str) -> bool:
    """Tell whether an answer is the refusal that the prompt asks for, with either apostrophe."""
    said = without_markers(answer).replace("’", "'")
    return words(said) == words(prompts.REFUSAL)


def checked(
    draft: Draft,
    supports: Sequence[Support],
    *,
    passages: Sequence[Document],
    threshold: float,
    unsupported: Unsupported,
) -> CheckedAnswer:
    """Keep the claims whose support reaches the threshold, each with what it rests on.

    `supports` are those of the draft's claims; `unsupported` is not "auto" any more. `[n]` in the
    result counts in the result's citations, from 1.
    """
    by_claim = dict(zip((claim.key for claim in draft.claims), supports, strict=True))
    supported = {k: s for k, s in by_claim.items() if s.probability >= threshold and s.evidence}
    removed = len(by_claim) - len(supported)
    whole = draft.lines is None or unsupported == "refuse"
    marked = unsupported == "mark" and not whole
    if (not supported and not marked) or (removed and whole):
        return CheckedAnswer("", removed=removed)
    citations = list(
        {str(c): c for s in supported.values() for c in _cite(s.evidence, passages)}.values()
    )
    text = (
        draft.answer
        if draft.lines is None
        else _written(draft.lines, supported, citations, passages, unsupported)
    )
    least = min((support.probability for support in supported.values()), default=None)
    return CheckedAnswer(text, citations, removed, least)


def _written(
    lines: Sequence[Line],
    supported: Mapping[tuple[str, tuple[Spot, ...]], Support],
    citations: Sequence[Citation],
    passages: Sequence[Document],
    unsupported: Unsupported,
) -> str:
    def write(claim: Claim) -> tuple[str, str] | None:
        support = supported.get(claim.key)
        if support is None:
            return (in_words(claim), f" {UNFOUND}") if unsupported == "mark" else None
        places = [citations.index(c) + 1 for c in _cite(support.evidence, passages)]
        found = [(e.passage, at) for e, at in zip(support.evidence, places, strict=True)]
        return _with_markers(claim, found)

    return write_lines(lines, write)


def _with_markers(claim: Claim, found: Sequence[tuple[int, int]]) -> tuple[str, str]:
    """Write what a claim cites, each a passage and its number, within it and for behind it.

    A marker within it stands for the passages that it cited, or for all where none of these is
    among those found.
    """
    said, behind = "", [number for _, number in found]
    for piece in claim.written or (claim.text,):
        if isinstance(piece, str):
            said += piece
            continue
        own = [n for passage, n in found if passage in piece] or [n for _, n in found]
        said += f" {_markers(own)}"
        behind = [number for number in behind if number not in own]
    return said.strip(), f" {_markers(behind)}".rstrip()


def _markers(numbers: Sequence[int]) -> str:
    return "".join(f"[{number}]" for number in dict.fromkeys(numbers))


def _quotes(value: str, question: str) -> bool:
    """Tell whether a value only repeats, several words in a row, what the question asks about.

    What it asks itself, as the choice between two things, is no quotation.
    """
    if len(words(value)) < ECHO or not in_a_row(value, question):
        return False
    return not in_a_row(value, asking(question))


def _cite(evidence: Sequence[Evidence], passages: Sequence[Document]) -> list[Citation]:
    """Resolve evidence to its place in the documents that the passages were taken from."""
    return [cite(passages[e.passage], e.start, e.end) for e in evidence]


def cite(passage: Document, start: int, end: int) -> Citation:
    """Resolve a span of a passage to its place in the document."""
    offset = int(passage.metadata.get("start", 0))
    return Citation(
        document=str(passage.metadata["document"]),
        chunk=str(passage.id),
        page=passage.metadata.get("page"),
        start=offset + start,
        end=offset + end,
        quote=passage.page_content[start:end],
    )
