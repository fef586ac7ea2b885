"""Judge by two manifests whether a version may go into production; knows no files."""

from __future__ import annotations

from finetune.registry.manifest import Manifest


def refusal(new: Manifest, standing: Manifest | None, standing_id: str) -> str | None:
    """Say why a version may not take the place of the standing one; None when it may."""
    if not new.gates:
        return "it was held to no gate"
    failed = [f"{name} {gate.shortfall}" for name, gate in new.gates.items() if not gate.passed]
    if failed:
        return f"gate {', gate '.join(failed)}"
    return None if standing is None else _not_better(new, standing, standing_id)


def _not_better(new: Manifest, standing: Manifest, standing_id: str) -> str | None:
    if new.test_sha256 != standing.test_sha256 or new.score is None or standing.score is None:
        return (
            f"it cannot be compared with {standing_id}, which has no score on the same test data; "
            "measure both on the same, or force it"
        )
    if new.score > standing.score:
        return None
    return f"its score {new.score:.4g} does not beat {standing.score:.4g} of {standing_id}"
