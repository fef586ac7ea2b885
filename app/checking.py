"""Check answers that any system gave against documents: the contract of `groundtune check`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from langchain_core.documents import BaseDocumentTransformer, Document

from graphs.asserted import supports
from graphs.citations import checked, cite, read_draft
from graphs.errors import InvalidQuestion
from graphs.passages import given_documents
from graphs.protocols import Claim, Support, Verifier
from graphs.question import printable, subject
from graphs.state import Citation


class CheckedClaim(TypedDict):
    """One claim of an answer and what it rests on."""

    text: str
    probability: float
    citations: list[Citation]
    """Empty where the claim has no support."""


class Check(TypedDict):
    """An answer, checked."""

    id: str
    question: str
    supported: Literal["all", "part", "none"]
    answer: str
    """What is left of the answer, in its layout, with `[n]` markers."""
    claims: list[CheckedClaim]


@dataclass(frozen=True)
class Checker:
    """Verifies answers against given documents, or against what a search finds."""

    verifier: Verifier
    search: Callable[[str], list[Document]]
    splitter: BaseDocumentTransformer
    threshold: float | None = None
    """None is the verifier's own."""

    def check(
        self,
        question: str,
        answer: str,
        *,
        documents: Sequence[Mapping[str, str]] = (),
        id_: str = "1",
    ) -> Check:
        """Verify an answer claim by claim; the index is searched where no documents are given.

        `[n]` in the answer counts in the documents as given, from 1; citations count characters of
        them. Raises InvalidQuestion for an empty question or a document that is none, and UserError
        where there is no index to search.
        """
        plain = _asked(question)
        passages = given_documents(documents, self.splitter) or self.search(plain)
        draft = read_draft(answer, plain, passages)
        threshold = self.verifier.threshold if self.threshold is None else self.threshold
        found = supports(self.verifier, plain, draft.claims, passages) if draft.claims else []
        left = checked(draft, found, passages=passages, threshold=threshold, unsupported="remove")
        claims = [
            _told(claim, support, passages, threshold)
            for claim, support in zip(draft.claims, found, strict=True)
        ]
        return Check(
            id=id_,
            question=question,
            supported=_overall(claims),
            answer=left.text,
            claims=claims,
        )


def _asked(question: str) -> str:
    if not question.strip():
        raise InvalidQuestion("the question is empty: say what the answer replies to")
    return subject(printable(question))


def _told(
    claim: Claim, support: Support, passages: Sequence[Document], threshold: float
) -> CheckedClaim:
    cited = support.evidence if support.probability >= threshold else ()
    return CheckedClaim(
        text=claim.text,
        probability=round(support.probability, 4),
        citations=[cite(passages[e.passage], e.start, e.end) for e in cited],
    )


def _overall(claims: Sequence[CheckedClaim]) -> Literal["all", "part", "none"]:
    supported = sum(bool(claim["citations"]) for claim in claims)
    if not supported:
        return "none"
    return "all" if supported == len(claims) else "part"
