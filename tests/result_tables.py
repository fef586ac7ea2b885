"""Write the tables of README and docs from the committed result files.

`python tests/result_tables.py` puts each table anew where its page says `<!-- table: NAME -->`.
Run it when results have changed; tests hold the pages to the same tables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance_table import STORES
from doc_parts import REPOSITORY, estimate, figures

from app.compare.judge.claims import claims
from app.compare.judge.comparison import ALL, TAUGHT, UNTAUGHT
from app.compare.judge.evidence import Row
from app.compare.plan.arms import ARMS

Figures = dict[str, Any]
Cells = Sequence[str]

READER = REPOSITORY / "finetune" / "reader"
WHAT = {
    "base": "the model as it is, without search",
    "base-rag": "the model as it is, with search",
    "few-shot-rag": "the same, with two worked examples in the prompt",
    "tuned": "fine-tuned to know the handbook by heart, without search",
    "tuned-rag": "`tuned`, with search",
    "routed": "`tuned`, or `tuned-rag` where a small classifier says so",
    "hybrid": "fine-tuned to read passages, though not these, with search",
    "oracle": "`hybrid`, given the right passages",
    "json-rag": "fine-tuned to write JSON from passages, with search",
}
KINDS = {
    "answerable": "one document",
    "two-document": "two documents",
    "follow-up": "follow-up",
    "unanswerable": "no answer",
    "small-talk": "small talk",
    ALL: "all",
}
ERRORS = {
    "addition": "something is added",
    "column": "value of another column",
    "comparison": "the other of two compared",
    "condition": "another condition",
    "day": "another day",
    "deleted": "the line that supports it was taken out",
    "duration": "another duration",
    "entity": "another name",
    "negation": "denied, or no longer denied",
    "number": "another number",
    "own squad": "questions about text",
    "own table": "questions about tables",
    "person": "another person",
    "price": "another price",
    "qualifier": "another bound or degree (at least, before, most)",
    "record": "a field of a JSON record",
    "refusal": "says that there is no answer",
    "row": "value of another row",
    "span": "another answer from the same text",
    "sum": "wrong sum",
    "unit": "another unit",
    "yes-no": "yes instead of no, or no instead of yes",
}
TOLD_AS = {"correct": "answer right", "quote_holds_answer": "quote holds the answer"}


@dataclass(frozen=True)
class Table:
    """A table of a page, which a comment names."""

    page: str
    name: str
    made: Callable[[], Iterable[Cells]]
    """The head, then the rows."""

    @property
    def path(self) -> Path:
        return REPOSITORY / self.page

    @property
    def text(self) -> str:
        """The comment and the table, as the page has them."""
        head, *rows = (f"| {' | '.join(cells)} |\n" for cells in self.made())
        rule = "|" + "---|" * (head.count(" | ") + 1) + "\n"
        return "".join([f"<!-- table: {self.name} -->\n\n", head, rule, *rows])

    def write(self) -> None:
        """Put it where its comment stands."""
        place = re.compile(rf"<!-- table: {re.escape(self.name)} -->\n\n(\|.*\n)*")
        text, written = place.subn(lambda _: self.text, self.path.read_text(encoding="utf-8"))
        if written != 1:
            raise SystemExit(f"{self.page} names the table {self.name!r} {written} times, not once")
        self.path.write_text(text, encoding="utf-8")


def in_order(arms: Figures) -> list[tuple[str, Figures]]:
    """Return a comparison's arms in the order in which the program lists them."""
    return [(name, arms[name]) for name in ARMS if name in arms]


def share(of: Figures | None) -> str:
    """Write an estimate that not all arms have over equally many questions."""
    return f"{estimate(of)} of {of['n']}" if of else "–"


def seconds(arm: Figures) -> str:
    return f"{arm['cost']['p50_ms'] / 1000:.1f}"


def counts(found: Figures) -> dict[str, int]:
    """Count the questions of each kind, and those that the documents answer."""
    (_, arm), *_ = in_order(found["arms"])
    kinds = {kind: of["n"] for kind, of in arm["right_by_kind"].items()}
    return {**kinds, "with an answer": arm["scores"]["over_refusal"]["n"]}


def shares_head(found: Figures) -> list[str]:
    of = counts(found)
    return [
        f"right, of {of['answerable']} that one document answers",
        f"refused, of {of['with an answer']} that have an answer",
        f"refused, of {of['unanswerable']} that have none",
        "cites a right document, of those answered",
        f"right, of all {of[ALL]}",
    ]


def shares(arm: Figures) -> list[str]:
    scores = arm["scores"]
    return [
        estimate(arm["right_by_kind"]["answerable"]),
        estimate(scores["over_refusal"]),
        estimate(scores["refusal_recall"]),
        share(scores.get("cited_gold")),
        estimate(scores["right"]),
    ]


def assistants() -> Iterator[Cells]:
    """The README's: what each arm is, and what came of it."""
    found = figures("compare")
    yield ["assistant", "what it is", *shares_head(found), "median s"]
    for name, arm in in_order(found["arms"]):
        yield [f"**{name}**", WHAT[name], *shares(arm), seconds(arm)]


def compared() -> Iterator[Cells]:
    """All arms, with what only some were asked."""
    found = figures("compare")
    changed = sum(next(iter(found["staleness"].values())).values())
    told = f"changed facts told as they are / as they were, of {changed}"
    yield ["arm", *shares_head(found), told, "median s", "peak MiB"]
    for name, arm in in_order(found["arms"]):
        stale, memory = found["staleness"].get(name), found["evidence"].get(f"memory.{name}")
        more = [f"{stale['new']} / {stale['old']}" if stale else "–", seconds(arm)]
        yield [f"**{name}**", *shares(arm), *more, f"{memory['value']}" if memory else "–"]


def by_kind() -> Iterator[Cells]:
    """What is right of each kind of question."""
    found = figures("compare")
    of = counts(found)
    yield ["right", *(f"{words} ({of[kind]})" for kind, words in KINDS.items())]
    for name, arm in in_order(found["arms"]):
        yield [f"**{name}**", *(estimate(arm["right_by_kind"][kind]) for kind in KINDS)]


def gaps() -> Iterator[Cells]:
    """The recommended arm against each other one that can be run."""
    found = figures("compare")
    yield ["better", "worse", "difference", "better alone right", "worse alone right", "adjusted p"]
    for gap in found["differences"]:
        if found["verdict"]["arm"] in (gap["left"], gap["right"]):
            alone = [f"{gap['only_left']}", f"{gap['only_right']}"]
            yield [gap["left"], gap["right"], points(gap), *alone, f"{gap['adjusted']:.2g}"]


def points(gap: Figures) -> str:
    """Write a difference of shares with its interval."""
    value, low, high = (f"{100 * gap['estimate'][of]:.0f}" for of in ("value", "low", "high"))
    return f"{value} points ({low} to {high})"


def lead() -> str:
    """Say how far the two best arms are apart."""
    gap, *_ = figures("compare")["differences"]
    left, right = f"`{gap['left']}`", f"`{gap['right']}`"
    return (
        f"{left} is ahead of {right}, the next best, by {points(gap)}: "
        f"{gap['only_left']} questions were answered rightly by {left} alone, "
        f"{gap['only_right']} by {right} alone "
        f"(McNemar's exact test, adjusted p = {gap['adjusted']:.2g})"
        f"{'' if gap['shown'] else ', which may be chance'}."
    )


def asked() -> str:
    """Say of which kinds the questions are, and what refusing nearly all of them would reach."""
    of = counts(figures("compare"))
    refused = (of["unanswerable"] + of["small-talk"]) / of[ALL]
    return (
        f"{of['answerable']} that one document answers, {of['two-document']} that take two "
        f"documents, {of['follow-up']} follow-ups, {of['unanswerable']} that the documents do not "
        f"answer, and {of['small-talk']} of small talk. Refusing the {of['unanswerable']} is right "
        "too, so an assistant that refuses everything but small talk is right on "
        f"{refused:.2f} of all."
    )


def articles() -> Iterator[Cells]:
    """What articles say, judged by today's rules from the rows that were measured."""
    found = figures("compare")
    rows = {id_: Row(**row) for id_, row in found["evidence"].items()}
    shown = {(gap["left"], gap["right"]) for gap in found["differences"] if gap["shown"]}
    yield ["what articles say", "here", "measured"]
    for claim in claims([ARMS[name] for name in found["arms"]], rows, shown):
        yield [claim.says, claim.outcome, "; ".join(rows[id_].text for id_ in claim.rows)]


def as_shipped() -> Iterator[Cells]:
    """What the shipped assistant made of the sample's questions."""
    yield ["sample questions", "asked", *TOLD_AS.values(), "refused"]
    for kind, of in figures("answers").items():
        yield [kind, *(f"{of[key]}" for key in ("n", *TOLD_AS, "abstained"))]


def techniques() -> Iterator[Cells]:
    """All arms on techniques of attackers."""
    taught, untaught = "right, techniques trained on", "right, techniques not trained on"
    cites = "cites the technique's document, of those answered"
    yield ["arm", taught, untaught, "valid record", cites, "median s"]
    for name, arm in in_order(figures("techniques")["arms"]):
        kinds, scores = arm["right_by_kind"], arm["scores"]
        told = [kinds[TAUGHT], kinds[UNTAUGHT], scores["format_valid"]]
        yield [f"**{name}**", *map(estimate, told), share(scores.get("cited_gold")), seconds(arm)]


def gates() -> Iterator[Cells]:
    """Whether a gate that chooses between weights and search pays."""
    choices = {
        "always search": "search always",
        "never search": "search never",
        "learned gate": "ask the gate",
        "oracle": "choose rightly each time",
    }
    yield ["questions about", *(f"{words}: right, ms" for words in choices.values())]
    for name, about in (("compare", "the sample handbook"), ("techniques", "techniques")):
        of = figures(name)["routing"]["policies"]
        yield [about, *(f"{of[each]['right']:.2f}, {of[each]['ms']:,.0f}" for each in choices)]


def errors() -> Iterator[Cells]:
    """How often the check errs, by what is wrong with a claim."""
    manifest = json.loads((READER / "manifest.json").read_text())
    own = manifest["figures on a model's own answers"]
    made = manifest["figures"] | {"claims": manifest["measured_on"]}
    least = f"{json.loads((READER / 'weights.json').read_text())['threshold']:.2f}"
    erring = [f"right ones rejected (below {least})", f"wrong ones passed ({least} or more)"]
    yield ["what is wrong with a wrong claim", "claims", *erring]
    yield _erring("**all claims made by code**", made)
    yield from _erring_by_kind(made)
    claimed = sum(of["claims"] for of in own.values() if isinstance(of, dict))
    yield _erring("**all claims that a model made**", own | {"claims": claimed})
    yield from _erring_by_kind(own)


def _erring_by_kind(of: Figures) -> Iterator[Cells]:
    kinds = {ERRORS.get(kind, kind): found for kind, found in of.items() if isinstance(found, dict)}
    for words in sorted(kinds, key=lambda words: -kinds[words]["wrong let out"]):
        yield _erring(words, kinds[words])


def _erring(words: str, of: Figures) -> list[str]:
    rejected, passed = 1 - of["right kept"], of["wrong let out"]
    return [words, f"{of['claims']:,}", f"{100 * rejected:.1f} %", f"{100 * passed:.1f} %"]


def stores() -> Iterator[Cells]:
    """How well and how fast each store searches, and how fast it is written."""
    found, waits = figures("stores-recall"), figures("stores-latency")["stores by chunks"]
    sizes = {f"{int(size):,}": of for size, of in waits.items()}
    medians = [f"ms among {size}" for size in sizes]
    into = [f"chunks/s into {size}" for size in sizes]
    yield ["store", "recall@10", "of the default's ten", *medians, *into]
    for kind, of in found["stores"].items():
        timed = [of_size.get(kind, {}) for of_size in sizes.values()]
        ms = [f"{each['median ms']:.0f}" if each else "–" for each in timed]
        paces = [each.get("chunks written a second") for each in timed]
        written = [f"{pace:,}" if pace else "–" for pace in paces]
        shared = f"{10 * of['chunks of the default']:.1f}"
        yield [STORES[kind], f"{of['recall@10']:.3f}", shared, *ms, *written]


TABLES = [
    Table("README.md", "assistants", assistants),
    Table("docs/measured.md", "as shipped", as_shipped),
    Table("docs/measured.md", "all arms", compared),
    Table("docs/measured.md", "kinds of question", by_kind),
    Table("docs/measured.md", "differences", gaps),
    Table("docs/measured.md", "what articles say", articles),
    Table("docs/measured.md", "techniques", techniques),
    Table("docs/measured.md", "gates", gates),
    Table("docs/checking.md", "errors of the check", errors),
    Table("docs/stores.md", "stores", stores),
]

if __name__ == "__main__":
    for table in TABLES:
        table.write()
