"""Show answers, rankings and reports to a person at a terminal; computes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from app.ingest.addresses import is_url
from app.ingest.identity import origin
from app.ingest.scan import told_left_out

if TYPE_CHECKING:
    from app.answers import Answer
    from app.checking import Check
    from app.ingest.report import IngestReport
    from app.rankings import SearchResult
    from graphs.state import Citation

SHOWN_AROUND = 240  # characters before and after a quote, enough to see where it stands
SHOWN_NAMES = 10

ORIGINS = {
    "documents": "from the documents",
    "model": "from the model alone, no document was consulted",
    "none": "no passage supports an answer",
}


def stream_answer(events: Iterable[str | Answer], console: Console) -> Answer:
    """Show the draft as it is written, then replace it by nothing and return the checked answer."""
    draft = Text(style="dim")
    final: Answer | None = None
    with Live(Spinner("dots", "reading"), console=console, transient=True) as live:
        for event in events:
            if isinstance(event, str):
                draft.append(event)
                live.update(draft)
            else:
                final = event
    assert final is not None, "a stream ends with the answer"
    return final


def print_answer(answer: Answer, console: Console, *, roots: dict[str, str]) -> None:
    """Print an answer with its sources; document names are links where the terminal knows them."""
    console.print(Text(answer["answer"], style="yellow" if answer["abstained"] else "bold"))
    for number, citation in enumerate(answer["citations"], start=1):
        console.print(_source(number, citation, roots))
        console.print(Text(f"    “{_on_one_line(citation['quote'])}”", style="italic"))
    for conflict in answer.get("conflicts", []):
        console.print(Text("Another document says: ", style="yellow") + _place(conflict, roots))
        console.print(Text(f"    “{_on_one_line(conflict['quote'])}”", style="italic"))
    if answer["removed"] and not answer["abstained"]:
        console.print(Text(without_support(answer["removed"]), style="yellow"))
    if answer.get("borrowed"):
        warning = "graded with weights not fitted to this model: 'groundtune calibrate' fits them"
        console.print(Text(warning, style="yellow"))
    seconds = sum(answer["timings_ms"].values()) / 1000
    console.print(Text(f"{ORIGINS[answer['origin']]} · {seconds:.1f} s", style="dim"))


def print_check(check: Check, console: Console) -> None:
    """Print each claim of a checked answer with what it rests on."""
    for claim in check["claims"]:
        mark, style = ("✓", "green") if claim["citations"] else ("✗", "yellow")
        console.print(Text(f"{mark} {claim['text']}  {claim['probability']:.2f}", style=style))
        for number, citation in enumerate(claim["citations"], start=1):
            console.print(_source(number, citation, {}))
            console.print(Text(f"    “{_on_one_line(citation['quote'])}”", style="italic"))
    console.print(Text(f"supported: {check['supported']}", style="dim"))


def without_support(count: int) -> str:
    """Say in words how many claims of an answer nothing supports."""
    return (
        f"{count} {'sentence has' if count == 1 else 'sentences have'} no support in the documents"
    )


def print_ranking(result: SearchResult, console: Console) -> None:
    """Print ranked chunks, one line each."""
    for rank, hit in enumerate(result["results"], start=1):
        line = Text(f"{rank:>2}  {hit['score']:.4f}  ")
        line.append(hit["document"], style="bold")
        line.append(f"  {_on_one_line(hit['text'])}", style="dim")
        line.truncate(max(console.width, 60), overflow="ellipsis")
        console.print(line)


def print_report(report: IngestReport, console: Console) -> None:
    """Print what an ingestion did, each skipped file with its reason."""
    console.print(
        f"{len(report.added)} added, {len(report.changed)} changed, "
        f"{len(report.unchanged)} unchanged, {len(report.removed)} removed, "
        + (f"{len(report.renamed)} renamed, " if report.renamed else "")
        + (f"{len(report.shown)} shown to others, " if report.shown else "")
        + f"{len(report.skipped)} skipped; {report.chunks} chunks, {report.embedded} embedded; "
        f"index {report.index or 'empty'}"
    )
    for name, reason in report.skipped.items():
        console.print(Text(f"skipped {name}: {reason}", style="yellow"))
    for name, notes in report.partly.items():
        for note in notes:
            console.print(Text(f"not read in {name}: {note}", style="yellow"))
    for name, count in report.recognised.items():
        pages = "1 page" if count == 1 else f"{count} pages"
        console.print(Text(f"{pages} read by OCR: {name}", style="yellow"))
    if report.forgotten:
        line = f"left out, because they were forgotten: {_some(report.forgotten)}"
        console.print(Text(line, style="yellow"))
    for pattern in report.unused:
        line = f"GROUNDTUNE_ACCESS: no document fits {pattern!r}"
        console.print(Text(line, style="yellow"))
    if report.left_out:
        line = f"not read: {told_left_out(report.left_out)}"
        console.print(Text(line, style="yellow"))
    _print_types(report, console)


def _print_types(report: IngestReport, console: Console) -> None:
    """Print a table of what became of the files of each type, where there are several."""
    outcomes = {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "skipped": list(report.skipped),
    }
    counts = {
        name: Counter(Path(d).suffix.lower() for d in done) for name, done in outcomes.items()
    }
    types = sorted({suffix for counted in counts.values() for suffix in counted})
    if len(types) < 2:
        return
    table = Table("type", *outcomes, box=None)
    for suffix in types:
        table.add_row(suffix or "none", *(str(counts[name][suffix]) for name in outcomes))
    console.print(table)


def print_quote(text: str, start: int, end: int, console: Console) -> None:
    """Print a document around a span, the span highlighted."""
    before, after = text[max(0, start - SHOWN_AROUND) : start], text[end : end + SHOWN_AROUND]
    if start > SHOWN_AROUND:  # begin and end with whole lines, or at least words
        before = before.partition("\n" if "\n" in before else " ")[2]
    if end + SHOWN_AROUND < len(text):
        after = after.rpartition("\n" if "\n" in after else " ")[0]
    shown = Text(before, style="dim")
    shown.append(text[start:end], style="bold reverse")
    shown.append(after, style="dim")
    console.print(shown)


def _source(number: int, citation: Citation, roots: dict[str, str]) -> Text:
    return Text(f"[{number}] ") + _place(citation, roots)


def _place(citation: Citation, roots: dict[str, str]) -> Text:
    document, page = citation["document"], citation["page"]
    line = Text()
    root = roots.get(document)
    uri = _uri(root, document) if root else ""
    link = f"link {uri}{f'#page={page}' if page else ''}" if uri else ""
    line.append(document, style=f"cyan {link}".strip())
    line.append(f", page {page}" if page else "")
    line.append(f", characters {citation['start']}–{citation['end']}")
    return line


def _uri(root: str, document: str) -> str:
    """Return what opens a document; "" where nothing that a terminal knows does."""
    place = origin(root, document)
    if is_url(place):
        page = place.removeprefix("sitemap+")
        return page if page.startswith(("http://", "https://")) else ""
    return Path(place).as_uri()


def _some(names: list[str]) -> str:
    rest = len(names) - SHOWN_NAMES
    return ", ".join(names[:SHOWN_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
