"""The workflows: what they run exists, what they use is pinned, what they may do is little."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import REPOSITORY

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")


def jobs(workflow: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return found


def steps(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(workflow).values() for step in job["steps"]]


def test_there_are_two() -> None:
    assert [each.name for each in WORKFLOWS] == ["release.yml", "tests.yml"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.stem)
def test_actions_are_pinned_and_say_their_version(workflow: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", workflow.read_text(encoding="utf-8"))
    assert len(used) == sum("uses" in step for step in steps(workflow)) > 0
    for action, comment in used:
        assert PINNED.fullmatch(action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.stem)
def test_nothing_may_write_but_who_uploads(workflow: Path) -> None:
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert content["permissions"] == {"contents": "read"}
    writing = {name for name, job in content["jobs"].items() if "permissions" in job}
    assert writing == ({"publish"} if workflow.stem == "release" else set())
    for job in content["jobs"].values():
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False
            # Text that others write must not become part of a command.
            assert "github.event" not in step.get("run", "")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.stem)
def test_what_is_run_is_here(workflow: Path) -> None:
    commands = "\n".join(step.get("run", "") for step in steps(workflow))
    named = set(re.findall(r"\bpackaging/[\w./-]+", commands))
    assert named
    for path in named:
        assert (REPOSITORY / path).is_file(), path
    words = set(re.findall(r"debian\.sh (\w+)", commands))
    script = (REPOSITORY / "packaging" / "debian.sh").read_text()
    assert all(f"\n  {word}) " in script for word in words)


def test_each_system_is_built_tried_and_uploaded() -> None:
    release = jobs(WORKFLOWS[0])
    for system in ("linux", "windows", "macos"):
        does = [step.get("run", step.get("uses", "")) for step in release[system]["steps"]]
        order = ("bundle/build.py", "bundle/smoke.py", "bundle/wheels/*.whl", "upload-artifact@")
        places = [next(n for n, done in enumerate(does) if part in done) for part in order]
        assert places == sorted(places)
    assert set(release["publish"]["needs"]) == {"linux", "windows", "macos"}


def test_lint_types_and_tests_run_on_three_systems() -> None:
    tests = jobs(WORKFLOWS[1])
    systems = [tests["linux"]["runs-on"], *tests["elsewhere"]["strategy"]["matrix"]["system"]]
    assert [each.split("-")[0] for each in systems] == ["ubuntu", "windows", "macos"]
    runs = " ".join(step.get("run", "") for step in tests["elsewhere"]["steps"])
    for tool in ("ruff check", "ruff format --check", "mypy", "lint-imports", "pytest"):
        assert tool in runs
