"""Check answers that any system gave against documents: the contract of `groundtune check`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from langchain_core.documents import BaseDocumentTransformer, Document

from app.models.cancellation import Abandoned
from graphs.asserted import supports
from graphs.citations import checked, cite, read_draft
from graphs.errors import InvalidQuestion
from graphs.passages import given_documents
from graphs.protocols import Claim, Support, Verifier
from graphs.question import printable, subject
from graphs.state import Citation

SLICE = 4  # claims between two looks whether a check is still wanted; a second or two on a CPU


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
        most_claims: int | None = None,
        unwanted: Callable[[], bool] = lambda: False,
    ) -> Check:
        """Verify an answer claim by claim; the index is searched where no documents are given.

        `[n]` in the answer counts in the documents as given, from 1; citations count characters of
        them. Raises InvalidQuestion for an empty question, a document that is none or more claims
        than `most_claims`, UserError where there is no index to search, and Abandoned as soon as
        the check is `unwanted`.
        """
        plain = _asked(question)
        passages = given_documents(documents, self.splitter) or self.search(plain)
        draft = read_draft(answer, plain, passages)
        if most_claims is not None and len(draft.claims) > most_claims:
            raise InvalidQuestion(
                f"the answer makes {len(draft.claims):,} claims, more than {most_claims}: check it "
                "in parts"
            )
        threshold = self.verifier.threshold if self.threshold is None else self.threshold
        found = self._found(plain, draft.claims, passages, unwanted)
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

    def _found(
        self,
        question: str,
        claims: Sequence[Claim],
        passages: Sequence[Document],
        unwanted: Callable[[], bool],
    ) -> list[Support]:
        found: list[Support] = []
        for at in range(0, len(claims), SLICE):
            if unwanted():
                raise Abandoned
            found += supports(self.verifier, question, claims[at : at + SLICE], passages)
        return found


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
