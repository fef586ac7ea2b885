"""The arm that the example's package adds is asked as it is configured."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_parts import installed, package

from app.assistant import Assistant
from app.compare.plan.arms import BASE, HYBRID, Made, chosen
from app.compare.run.arm_answers import Asker
from app.compare.run.reuse import Kept
from app.dataset.pairs import Pair
from app.errors import UserError
from app.settings import Settings

ARM = "from app.compare.plan.arms import Arm, Role\nmake = Arm({})"


def test_an_arm_is_asked_as_it_is_configured(
    added: None, tiny_model: Path, one_thread: None, tmp_path: Path
) -> None:
    base, short = chosen(("hybrid-short", "base"))
    assert (base, short.name) == (BASE, "hybrid-short")
    for at in range(4):
        (tmp_path / f"{at}.md").write_text(f"Holm has {at} bees.")
    settings = Settings(
        **{"model": str(tiny_model), "cache": tmp_path / "cache", "index": tmp_path / "index"},
        **{"adapter": "none", "dtype": "float32", "max_tokens": 4, "grade_threshold": 0},
    )
    Assistant(settings).ingest(sorted(tmp_path.glob("*.md")))
    asker = Asker(Kept(tmp_path), [Pair(id="q", question="How many bees has Holm?")], 1, 1)
    shown = [
        len(asker.ask(arm, arm.settings(settings, Made()), {}, timed=False).answers[0]["documents"])
        for arm in (HYBRID, short)
    ]
    assert shown == [4, 2]


@pytest.mark.parametrize(
    ("told_of", "told"),
    [
        ("'odd', '', 'none', Role.SEARCHES, changes={'topk': 2}", "cannot be loaded (Validation"),
        ("'odd', '', 'none', Role.SEARCHES, changes={'top_k': 0}", "cannot be loaded (Validation"),
        ("'other', '', 'none', Role.SEARCHES", "but it is called 'other': give both the same name"),
        ("'odd', '', 'none', Role.DECIDES", "or decide whether to search"),
        ("'odd', '', 'none', Role.SEARCHES, parts=('base', 'base-rag')", "but no added arm can be"),
    ],
)
def test_an_arm_that_cannot_be_asked_is_told_with_its_package(
    told_of: str, told: str, tmp_path: Path
) -> None:
    package(tmp_path, "bad", ARM.format(told_of), arms="odd = make")
    with installed(tmp_path), pytest.raises(UserError, match=r"bad 1\.0 adds 'odd'") as error:
        chosen(("base", "odd"))
    assert told in str(error.value)
