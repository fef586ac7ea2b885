"""Tables of AsciiDoc keep every cell in whatever way it is written, and remarks stay hidden."""

from pathlib import Path

import pytest
from reading_parts import read

from app.ingest.readers import UnreadableFile

HEAD = "| Boat | Fee |"


def text_of(folder: Path, source: str) -> str:
    return read(folder, "a.adoc", source).text


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("|Boat |Fee\n\n|Kite\n|5 euro\na day\n\nor more\n|Swan |7", ["| Kite | 5 euro a day or more |", "| Swan | 7 |"]),
        ("|Boat |Fee\na|Kite >s|5\n^.^h|Swan .>| 7", ["| Kite | 5 |", "| Swan | 7 |"]),
        ("|Boat |Fee\n|Kite |5\n2+|free", ["| Kite | 5 |", "| free | free |"]),
        ("|Boat |Fee\n.2+|Kite |5\n|7", ["| Kite | 5 |", "| Kite | 7 |"]),
        ("|Boat |Fee\n|Kite |5\n2*|free |Swan |7", ["| Kite | 5 |", "| free | free |", "| Swan | 7 |"]),
        ("|Boat |Fee\n|Kite \\| Swan |5\n|Punt a\\|b |7", ["| Kite / Swan | 5 |", "| Punt a/b | 7 |"]),
        ("Boat |Fee\n|Kite |5\n// a remark\n|Swan |7", ["| Kite | 5 |", "| Swan | 7 |"]),
        ("|Boat |Fee\n.9999+|Kite |5\n|7", ["| Kite | 5 |", "| Kite | 7 |"]),
        ("|Boat |Fee\n|Kite a|\n!===\n!May !5\n!June !6\n!===\n|Swan |7", ["| Kite | May, 5; June, 6 |", "| Swan | 7 |"]),
    ],
)  # fmt: skip
def test_a_cell_goes_on_up_to_the_next_one(tmp_path: Path, table: str, rows: list[str]) -> None:
    assert text_of(tmp_path, f"[%header]\n|===\n{table}\n|===").split("\n") == [HEAD, *rows]


@pytest.mark.parametrize(
    "source",
    [
        ',===\nBoat,Fee\n"Kite, red",5\nSwan,7\n,===',
        ":===\nBoat:Fee\nKite, red:5\nSwan:7\n:===",
        "!===\n!Boat !Fee\n!Kite, red !5\n!Swan !7\n!===",
        '[format=csv]\n|===\nBoat,Fee\n"Kite, red",5\nSwan,7\n|===',
        '[format="csv",separator=;]\n|===\nBoat;Fee\nKite, red;5\nSwan;7\n|===',
        "[format=tsv]\n|===\nBoat\tFee\nKite, red\t5\nSwan\t7\n|===",
        "[format=dsv]\n|===\nBoat:Fee\nKite, red:5\nSwan:7\n|===",
        "[separator=¦]\n|===\n¦Boat ¦Fee\n¦Kite, red ¦5\n¦Swan ¦7\n|===",
        '[cols="1,^2a"]\n|===\n|Boat\n|Fee\n|Kite, red\n|5\n|Swan\n|7\n|===',
        '[cols="2*"]\n|===\n|Boat\n|Fee\n|Kite, red\n|5\n|Swan\n|7\n|===',
        "[cols=2]\n|===\n|Boat\n|Fee\n|Kite, red\n|5\n|Swan\n|7\n|===",
    ],
)
def test_rows_are_told_by_edges_and_attributes(tmp_path: Path, source: str) -> None:
    assert text_of(tmp_path, source).split("\n") == [HEAD, "| Kite, red | 5 |", "| Swan | 7 |"]


@pytest.mark.parametrize(
    "attributes", ["[%header]", '[options="footer,header"]', "[opts=header]", "[%autowidth%header]"]
)
def test_a_header_may_be_told(tmp_path: Path, attributes: str) -> None:
    source = f"{attributes}\n.Crew\n|===\n|Name |Room\n|Ada |Bow\n|===\n\n|===\n|Name |Ada\n|==="
    assert text_of(tmp_path, source) == ".Crew\n\n| Name | Room |\n| Ada | Bow |\n\nName: Ada"


def test_blocks_of_remarks_are_left_out(tmp_path: Path) -> None:
    source = (
        "Open.\n\n////\nDraft: closed.\n\n|===\n|old\n|===\n////\n\n....\nkept\n....\n// x\nDry.\n"
    )
    assert text_of(tmp_path, source) == "Open.\n\nkept\n\nDry."


def test_cells_do_not_unfold_without_end(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="has a sheet of more than 5,000,000 cells"):
        text_of(tmp_path, "|===\n" + "9999*|x\n" * 600 + "|===")
