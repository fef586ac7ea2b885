"""Find what a question only describes: "the ship on the North route".

Told by grammar, of English: "the", one to three words, and what tells which one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

from graphs.text import YES_NO, content, is_number, names, words

MOST = 5  # words of a name

_CLAUSE = r"(?:that|which|who|where)\b"
_PLACE = r"(?:at|behind|between|by|for|from|in|near|of|on|to|under|with)\b"
_DESCRIBED = re.compile(
    rf"\b[Tt]he\s+(?P<kind>[a-z][\w-]*(?:\s+(?!{_CLAUSE}|{_PLACE})[a-z][\w-]*){{0,2}})"
    rf"\s+(?P<which>(?:{_CLAUSE}|{_PLACE})\s+\w[^?.;!,]*)"
)
_VERB = re.compile(rf"\b{YES_NO.pattern}")
_ASKED_FOR = re.compile(
    r"\W*(?:who|what|which)(?:\s+\w+){0,2}?(?:\s+(?:is|are|was|were)|['’]s)"
    r"\s+(?:the\s+(?:\w+\s+){1,2}of\s+)*",
    re.IGNORECASE,
)
"""What stands before a description that is itself asked for: "Who is the owner of the Aurelia?"."""


@dataclass(frozen=True)
class Description:
    """A thing that a question calls not by its name."""

    at: int
    """Character of the question that it begins at."""
    kind: str
    which: str

    @property
    def by_clause(self) -> bool:
        """Whether a clause of its own tells which one is meant."""
        return bool(re.match(_CLAUSE, self.which))

    @property
    def question(self) -> str:
        """The question for its name."""
        if not self.by_clause:
            return f"Which {self.kind} is {self.which}?"
        word, rest = self.which.split(maxsplit=1)
        return f"At which {self.kind} {rest}?" if word == "where" else f"Which {self.kind} {rest}?"

    def is_named(self, found: str, question: str, passage: str) -> bool:
        """Tell whether words of a passage name it, and not what the question names already.

        A number is a name behind what the thing is: "Berth 4".
        """
        held = set(content(found))
        new = held - set(content(question))
        capitalised = content(" ".join(word for word in found.split() if not word.islower()))
        of_kind = set(content(self.kind)) <= held
        numbered = of_kind and any(is_number(word) for word in new)
        named = bool(new & set(capitalised) & names(passage))
        return len(words(found)) <= MOST and (named or numbered)

    def replaced(self, question: str, name: str, told: Set[str]) -> str:
        """Return the question with a name in the place of the description.

        The description goes on up to the last word whose stems are `told` where the name is;
        nothing is replaced if not all of its names are.
        """
        if not names(self.which) <= told:
            return question
        begin = question.index(self.which, self.at)
        found = re.finditer(r"\S+", self.which)
        ends = [m.end() for m in found if (held := set(content(m[0]))) and held <= told]
        if not ends:
            return question
        return f"{question[: self.at]}{name}{question[begin + ends[-1] :]}"


def described(question: str) -> Description | None:
    """Return what a question describes: by a clause rather than by a place, the last of several."""
    found = [
        Description(match.start(), match["kind"], match["which"])
        for start in re.finditer(r"\b[Tt]he\b", question)
        if (match := _DESCRIBED.match(question, start.start()))
        and not _VERB.search(match["kind"])
        and not _ASKED_FOR.fullmatch(question, 0, match.start())
    ]
    known = [one for one in found if one.by_clause or names(one.which)]
    return max(known, key=lambda one: (one.by_clause, one.at), default=None)
