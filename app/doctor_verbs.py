"""The command that looks whether everything is in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from app.errors import CheckFailed
from app.readiness import look_round
from app.verbs import Verb, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.readiness import Check


class Doctor(Verb):
    """Check that models, index and settings are in order."""

    json_: bool = Field(False, alias="json")
    """Print one JSON object."""
    quick: bool = False
    """Only look whether everything is in its place; load no model."""

    def cli_cmd(self) -> None:
        """Run the command."""
        checks = self._checks()
        if self.json_:
            print_json({check.name: {"ok": check.ok, "found": check.found} for check in checks})
        for check in [] if self.json_ else checks:
            print(f"{'ok  ' if check.ok else 'FAIL'} {check.name:<18} {check.found}")
        if failed := [check.name for check in checks if not check.ok]:
            raise CheckFailed(f"not in order: {', '.join(failed)}")

    def _checks(self) -> Sequence[Check]:
        if self.quick:
            return look_round(self)
        from app.doctor import examine

        return examine(self)
