"""Passages to check answers against, by their words."""

from graph_parts import passage
from langchain_core.documents import Document
from word_verifier import WordVerifier

from graphs.citations import CheckedAnswer, checked, read_draft
from graphs.limits import Unsupported

FARES = passage("fares.md", "Adults pay £14.20. Children pay £7.10 and babies nothing.", start=50)
DOGS = passage("dogs.md", "Dogs travel free on deck.\n- Cats stay in baskets\n- Ponies need a van")
ROOMS = passage("rooms.csv", "name: Anna; room: 12\n\nname: Boris; room: 14", start=9)
BOAT = passage("a.pdf", "The last boat from\nKestering leaves\nat 18:30 on weekdays.", page=2)
KANJI = passage("中.md", "成人票价是一百元。儿童免费。末班船十八点出发。", start=3)
PASSAGES = [FARES, DOGS, ROOMS, BOAT, KANJI]
PAY = "What do adults pay?"
ADULTS, CHILDREN = "Adults pay £14.20.", "Children pay £7.10 and babies nothing."


def check(
    answer: str,
    question: str,
    passages: list[Document] | None = None,
    unsupported: Unsupported = "remove",
) -> CheckedAnswer:
    given = PASSAGES if passages is None else passages
    draft = read_draft(answer, question)
    supports = WordVerifier().verify(question, draft.claims, given)
    return checked(draft, supports, passages=given, threshold=0.6, unsupported=unsupported)


def quotes(found: CheckedAnswer) -> list[tuple[str, str]]:
    return [(citation["document"], citation["quote"]) for citation in found.citations]
