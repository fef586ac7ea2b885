"""What a line of an answer is shows in its form: an item, a row, a heading, a wrapped sentence."""

import pytest
from graph_parts import passage

from graphs.citations import checked, read_draft
from graphs.protocols import Evidence, Support

COUNCIL = passage(
    "council.md",
    "The town council has 23 members and meets on the second Tuesday. Its meetings are public. "
    "Dogs are not let in.",
)
POOL = passage(
    "pool.md",
    "Members pay 21 euros. Non-members pay 38 euros and get: a towel; a locker. "
    "Die Gebühr beträgt 21 Euro für Mitglieder. Room 12 opens on Monday 9 June. "
    "The fares rose in 2023. 1. Shower. 2. Swim. 3. Rest.",
)
WHEN = "When does the council meet?"


def said(answer: str, question: str = WHEN) -> list[str]:
    """Return what an answer claims."""
    return [claim.text for claim in read_draft(answer, question, [COUNCIL, POOL]).claims]


def keep(answer: str, *, but: str = "nothing", question: str = WHEN) -> str:
    """Check an answer of which everything is supported but what holds `but`."""
    draft = read_draft(answer, question, [COUNCIL])
    supports = [Support(float(but not in c.text), (Evidence(0, 0, 8),)) for c in draft.claims]
    return checked(draft, supports, passages=[COUNCIL], threshold=0.5, unsupported="remove").text


@pytest.mark.parametrize(
    ("answer", "claims"),
    [
        ("The council meets on\nTuesday.", ["The council meets on\nTuesday."]),
        ("It is 50\nmetres long.", ["It is 50\nmetres long."]),
        ("- It meets\n  on Tuesday.\n- Dogs", ["It meets\n  on Tuesday.", "Dogs"]),
        ("It is long,\nIt is old.", ["It is long,\nIt is old."]),
        ("red\ngreen", ["red", "green"]),
        ("title: Sea\ncopies: 3.", ["title: Sea", "copies: 3."]),
        ("Long and old  \nand red.", ["Long and old", "and red."]),
        ("Use `a | b` to pipe. The port is 7443.", ["Use `a | b` to pipe.", "The port is 7443."]),
        ("Red | 1\nBlue | 2", ["Red | 1", "Blue | 2"]),
        ("+ Red\n– Blue\n* Green", ["Red", "Blue", "Green"]),
        ("a) Red\nb) Blue", ["Red", "Blue"]),
        ("(1) Red", ["Red"]),
        ("- [x] Red\n- [ ] Blue", ["Red", "Blue"]),
        ("A. Red\nB. Blue", ["Red", "Blue"]),
        ("1. Red\n\n2. Blue\n   - Sea\n3. Green", ["Red", "Blue", "Sea", "Green"]),
        ("1. Red\n1. Blue", ["Red", "Blue"]),
        ("3. May 1987", ["3. May 1987"]),
        ("1. May 1987", ["1. May 1987"]),
        ("A. Red runs it.", ["A. Red runs it."]),
        ("~~~sh\nrun 1\n~~~\nRed.", ["~~~sh\nrun 1\n~~~", "Red."]),
        ("  ```sh\n  run 1\n  ```", ["```sh\n  run 1\n  ```"]),
        ("Use ```a``` now.\nUse ```b``` then.", ["Use ```a``` now.", "Use ```b``` then."]),
        ("Does it meet? It meets on Tuesday.", ["It meets on Tuesday."]),
        ("（会議はいつですか？）火曜日です。", ["火曜日です。"]),
        ("متى يجتمع المجلس؟ يوم الثلاثاء.", ["يوم الثلاثاء."]),
        ("परिषद,\nमंगल को।\nकल", ["परिषद,\nमंगल को।", "कल"]),
        ("Did you know that 99 members meet?", ["Did you know that 99 members meet?"]),
    ],
)
def test_a_claim_is_a_sentence_an_item_or_a_row(answer: str, claims: list[str]) -> None:
    assert said(answer) == claims
    assert all(claim in keep(answer) for claim in claims)


@pytest.mark.parametrize(
    "heading",
    [
        "The council meets at these times:",
        "Here are the meetings:",
        "**Meetings:**",
        "__Meetings:__",
        "# Meetings of the town council",
        "Meetings\n--------",
        "**The council**",
        "The council meets as follows",
        "There are two days:",
        "The opening times are:",
        "**When does the council meet?**",
    ],
)
def test_a_heading_that_tells_nothing_claims_nothing(heading: str) -> None:
    answer = f"{heading}\n- second Tuesday\n- first Monday"
    assert said(answer) == ["second Tuesday", "first Monday"]
    assert keep(answer) == f"{heading}\n- second Tuesday [1]\n- first Monday [1]"


@pytest.mark.parametrize("below", ["1. 填写表格。\n2. 寄回商品。", "\n填写表格。\n寄回商品。"])
@pytest.mark.parametrize("colon", [":", "："])
def test_a_colon_of_any_width_leads_in_what_stands_below(colon: str, below: str) -> None:
    shop = passage("shop.md", "办理退款的步骤是填写表格，寄回商品。")
    answer = f"以下是办理退款的步骤{colon}\n{below}"
    draft = read_draft(answer, "如何办理退款？", [shop])
    assert [claim.text for claim in draft.claims] == ["填写表格。", "寄回商品。"]
    whole = checked(
        draft,
        [Support(1.0, (Evidence(0, 0, 4),))] * 2,
        passages=[shop],
        threshold=0.5,
        unsupported="refuse",
    )
    assert whole.text == answer.replace("。", "。 [1]")


@pytest.mark.parametrize(
    "heading",
    [
        "The council has 99 members and meets at these times:",
        "The council has 23 members and meets at these times:",
        "# The council has 99 members",
        "#99 members are in the council",
        "**Meetings of 99 members**",
        "99 members\n----",
        "The council of Ravensworth meets as follows",
        "Dogs are let in at these times:",
        "There are three days:",
        "**Answer: No**",
        "Yes:",
        "# The council never meets",
        "**Members: 0**",
        "Public meetings of the town with dogs",
    ],
)
def test_a_heading_that_tells_something_is_checked(heading: str) -> None:
    answer = f"{heading}\n- second Tuesday\n- first Monday"
    (claim, *_) = said(answer)
    assert claim in heading
    kept = keep(answer, but=claim)
    assert kept.removeprefix("----\n") == "- second Tuesday [1]\n- first Monday [1]"


@pytest.mark.parametrize(
    ("question", "heading", "checked"),
    [
        ("What do non-members pay and get?", "Non-members pay 21 euros and get:", True),
        ("What do non-members pay and get?", "Non-members pay 38 euros and get:", True),
        ("What do non-members pay and get?", "# Fee: 21 euros", True),
        ("What do non-members pay and get?", "# Fee: 21 Euros", True),
        ("What do non-members get?", "For 38 euros:", True),
        ("Was zahlen Gäste?", "Die Gebühr beträgt 21 Euro für:", True),
        ("Wer zahlt 21 Euro?", "Die Gebühr beträgt 21 Euro für:", False),
        ("Who pays 21 euros?", "These pay 21 euros:", False),
        ("What do members pay?", "**38:**", False),
        ("When is what open?", "Room 12:", False),
        ("When is what open?", "# Monday 9 June", False),
        ("When is what open?", "Monday 12 June:", True),
        ("How did the fares change?", "Fares in 2023:", False),
        ("How did the fares change?", "# Fares from 2023 on", False),
    ],
)
def test_a_heading_with_an_amount_that_the_question_lacks_is_checked(
    question: str, heading: str, checked: bool
) -> None:
    claims = said(f"{heading}\n- a towel\n- a locker", question)
    assert claims == [heading.removeprefix("# ")] * checked + ["a towel", "a locker"]


@pytest.mark.parametrize(
    ("headings", "checked"),
    [
        (("Step 1: Shower", "Step 2: Swim", "Step 3: Rest"), ()),
        (("1. Shower", "2. Swim"), ()),
        (("What to do", "1. Shower", "2. Swim"), ()),
        (("Swim 2 lengths", "Rest for 12 minutes"), (0, 1)),
        (("Swim 2 lengths",), (0,)),
    ],
)
def test_a_number_that_only_counts_headings_tells_nothing(
    headings: tuple[str, ...], checked: tuple[int, ...]
) -> None:
    answer = "\n\n".join(f"## {heading}\n- Now {at}" for at, heading in enumerate(headings))
    claims = [claim for claim in said(answer, "What is to do?") if not claim.startswith("Now")]
    assert claims == [headings[at] for at in checked]


def test_a_sentence_before_a_lead_in_is_checked() -> None:
    answer = "Dogs are let in. It meets at these times:\n- second Tuesday"
    assert said(answer) == ["Dogs are let in.", "second Tuesday"]
    assert keep(answer) == "Dogs are let in. [1] It meets at these times:\n- second Tuesday [1]"


def test_the_first_row_of_a_table_is_no_claim_unless_it_has_a_number_of_its_own() -> None:
    table = "| Day | Week |\n|---|---|\n| Tuesday | second |\n| Monday | first |"
    assert said(table) == ["| Tuesday | second |", "| Monday | first |"]
    assert keep(table, but="Monday") == "| Day | Week |\n|---|---|\n| Tuesday | second [1] |"
    assert keep(f"{table}\n\nDogs.", but="|") == "Dogs. [1]"
    assert said(table.replace("Week", "99 weeks"))[0] == "| Day | 99 weeks |"


def test_a_question_goes_with_the_answer_to_it() -> None:
    answer = "When does it meet? On Tuesday. Who may come? Dogs. Is that all?"
    assert keep(answer, but="Dogs") == "When does it meet? On Tuesday. [1] Is that all?"
    assert keep(answer, but=".") == ""
