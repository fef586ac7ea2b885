"""What deploys the server is checked by the linters of each format."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from server_parts import REPOSITORY

from app.serving.settings import ServerSettings

DEPLOY = REPOSITORY / "app" / "serving" / "deploy"
BIN = Path(sys.executable).parent


def checked(*command: str | Path, cwd: Path = REPOSITORY) -> str:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_dockerfile_passes_its_linter() -> None:
    checked(BIN / "hadolint", "--failure-threshold", "warning", DEPLOY / "Dockerfile")


def test_the_compose_file_obeys_its_schema_and_sets_what_exists() -> None:
    file = DEPLOY / "compose.yaml"
    checked(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file)
    texts = file.read_text() + (DEPLOY / "Dockerfile").read_text()
    named = set(re.findall(r"GROUNDTUNE_(\w+)", texts))
    assert named >= {"STATE", "CACHE", "INDEX", "REGISTRY", "DATABASE", "TOKENS"}
    assert named <= {name.upper() for name in ServerSettings.model_fields}
    set_there = dict(re.findall(r"^      (\w+): (\S+)", file.read_text(), re.MULTILINE))
    assert set_there["GROUNDTUNE_DATABASE"] == "postgresql://groundtune@database/groundtune"
    assert set_there["PGPASSWORD"].startswith("${POSTGRES_PASSWORD:")  # no URL, so any will do


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd is installed here")
def test_the_unit_is_understood(tmp_path: Path) -> None:
    unit = (DEPLOY / "groundtune.service").read_text()
    here = unit.replace("/srv/groundtune/.venv/bin/groundtune", str(BIN / "groundtune"))
    (tmp_path / "groundtune.service").write_text(here)
    checked("systemd-analyze", "verify", "--man=no", tmp_path / "groundtune.service")


def test_langgraph_writes_its_own_dockerfile_from_the_configuration(tmp_path: Path) -> None:
    checked(BIN / "langgraph", "validate", "--config", REPOSITORY / "langgraph.json")
    made = tmp_path / "Dockerfile"
    checked(BIN / "langgraph", "dockerfile", "--config", REPOSITORY / "langgraph.json", made)
    text = made.read_text()
    assert "FROM langchain/langgraph-api" in text
    graphs = json.loads((REPOSITORY / "langgraph.json").read_text())["graphs"]
    assert graphs["groundtune"] in text
