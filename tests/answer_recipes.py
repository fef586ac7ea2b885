"""Let the shipped adapter answer public questions: `answer_recipes.py DATA SPLIT OUT N`.

Writes N lines of OUT, half of SQuAD (`train` or `dev`) and half of tables (train or held-out):
{"source", "question", "answer", "answers", "documents", "right", "kind"}. A refusal is not written.
Resumes after a kill. The check between model and user sees answers like these.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claim_recipes import rows
from claim_tables import render
from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from recipes import article_of, by_article, squad_pairs, three_passages
from tqdm import tqdm

from app.assistant import Assistant
from app.settings import Settings
from finetune.evaluation.scores import is_refusal, token_f1, without_citations
from finetune.verification.examples import split_of
from graphs import prompts
from graphs.layout import without_cut_end
from graphs.passages import place

SEED = 31
WITHHELD = 0.3  # of the questions, so that there are wrong answers
RIGHT = 0.5  # token F1 from which an answer counts as right
ROWS = 12  # of a table in one passage

Asked = tuple[str, str, str, list[Document], list[str]]
"""Source, kind, question, passages, right answers; none where the passage is withheld."""


def squad_asked(data: Path, split: str, draw: random.Random) -> Iterator[Asked]:
    articles = by_article(data, split)
    pairs = list(squad_pairs(data, split))
    for pair in draw.sample(pairs, len(pairs)):
        withheld = draw.random() < WITHHELD
        _, shown = three_passages(pair, articles, draw, withheld=withheld)
        source = article_of(pair)
        yield source, "squad", pair.question, shown, [] if withheld else list(pair.answers)


def table_asked(data: Path, split: str, draw: random.Random) -> Iterator[Asked]:
    wanted = "train" if split == "train" else "held"
    tables = {row["id"]: row for row in rows(data / "tables" / "tables.jsonl.gz")}
    asked = [row for row in rows(data / "tables" / "questions.jsonl.gz") if row["lookup"]]
    for row in draw.sample(asked, len(asked)):
        table = tables[row["table"]]
        body = [[cell.replace("\n", " ") for cell in line] for line in table["rows"]]
        holding = [at for at, line in enumerate(body) if row["answers"][0] in line]
        if split_of(row["table"]) != wanted or len(holding) != 1:
            continue
        withheld = draw.random() < WITHHELD
        kept = [line for at, line in enumerate(body) if not (withheld and at in holding)]
        first = 0 if withheld else max(0, holding[0] - draw.randrange(ROWS))
        text = render(
            [c.replace("\n", " ") for c in table["header"]], kept[first : first + ROWS], draw
        )
        shown = [Document(text, id=row["table"], metadata={"document": row["table"]})]
        yield row["table"], "table", row["question"], shown, [] if withheld else row["answers"]


def write(data: Path, split: str, out: Path, count: int) -> None:
    """Ask questions by turns of both kinds until `count` answers are written."""
    draws = random.Random(SEED), random.Random(SEED)
    turns = zip(
        squad_asked(data, split, draws[0]), table_asked(data, split, draws[1]), strict=False
    )
    seen = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    last = json.loads(seen[-1])["number"] if seen else -1
    model = Assistant(Settings()).chat_model
    progress = tqdm(total=count, initial=len(seen))
    with out.open("a", encoding="utf-8") as file:
        for number, asked in enumerate(one for both in turns for one in both):
            if progress.n >= count:
                break
            if number > last and (row := answered(model, number, asked)):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                file.flush()
                progress.update()


def answered(model: BaseChatModel, number: int, asked: Asked) -> dict[str, Any] | None:
    """Return what the model answers and whether that is right; None for a refusal."""
    source, kind, question, shown, answers = asked
    said = model.invoke(prompts.generate(question, [place(chunk) for chunk in shown])).text
    bare = without_cut_end(without_citations(said)).strip()
    if not bare or is_refusal(bare, [prompts.REFUSAL]):
        return None
    return {
        "number": number,
        "source": source,
        "kind": kind,
        "question": question,
        "answer": said,
        "documents": [{"id": str(chunk.id), "text": chunk.page_content} for chunk in shown],
        "answers": answers,
        "right": bool(answers) and token_f1(bare, answers) >= RIGHT,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("split", choices=["train", "dev"])
    parser.add_argument("out", type=Path)
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    write(given.data, given.split, given.out, given.count)


if __name__ == "__main__":
    main()
