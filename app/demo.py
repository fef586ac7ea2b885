"""The demonstration: the sample handbook, asked what it knows, what it does not, and hello."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from app.answers import Answer
from app.assistant import Assistant
from app.errors import CheckFailed
from app.terminal import print_answer, print_quote, print_report, stream_answer

HANDBOOK = Path(__file__).parent / "sample" / "handbook"

ANSWERABLE = (
    "Once the gangway is down at Skjørnvik, how long do the buses wait?",
    "How many kennels are there on the Grey Phalarope?",
    "The fire on the car deck is out. How much longer do we leave the drenchers running?",
    "What does the ordinary adult Skerry Pass cost?",
)
UNANSWERABLE = "What is the Wi-Fi password on the Grey Phalarope?"
SMALL_TALK = "Good morning! How are you?"


def demonstrate(assistant: Assistant, console: Console) -> None:
    """Ingest the handbook, ask, and open the first citation.

    Raises CheckFailed unless answers were cited, the unanswerable question was refused, and the
    greeting was answered without documents.
    """
    index = assistant.settings.index
    _prompt(f"groundtune ingest {_relative(HANDBOOK)} --index {index}", console)
    print_report(assistant.ingest([HANDBOOK], progress=True), console)
    with console.status("loading"):
        assistant.warm_up()
    cited = [_ask(assistant, question, console) for question in ANSWERABLE]
    refused = _ask(assistant, UNANSWERABLE, console)
    greeted = _ask(assistant, SMALL_TALK, console)
    if not all(answer["citations"] for answer in cited):
        raise CheckFailed("a question that the handbook answers was not answered with a citation")
    if not refused["abstained"] or greeted["route"] != "direct":
        raise CheckFailed("the unanswerable question or the greeting took the wrong way")
    first = cited[0]["citations"][0]
    document, start, end = first["document"], first["start"], first["end"]
    _prompt(f"groundtune show '{document}' {start} {end} --index {index}", console)
    print_quote(assistant.text_of(document), start, end, console)


def _ask(assistant: Assistant, question: str, console: Console) -> Answer:
    _prompt(f'groundtune ask "{question}" --index {assistant.settings.index}', console)
    answer = stream_answer(assistant.stream(question), console)
    print_answer(answer, console, roots=assistant.roots())
    return answer


def _prompt(command: str, console: Console) -> None:
    console.print(Text(f"\n$ {command}", style="green"))


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
