"""How the program is put together: layers, what an import may load, what the wheel carries.

Also that the README tells the truth about commands, and that Qt's signals count references
rightly with the PySide6 at hand.
"""

from __future__ import annotations

import argparse
import ast
import importlib.metadata
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import photosearch
from photosearch.cli import parser
from photosearch.paths import resources

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCE = REPOSITORY / "photosearch"
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
MODULES = sorted(SOURCE.rglob("*.py"))
LINES_AT_MOST = 400
CI = "bash packaging/debian.sh test"
# Imported by exactly the room that owns them, and only when needed.
HEAVY = (
    *("PySide6", "onnxruntime", "hnswlib", "tokenizers", "PIL", "pillow_heif", "torch"),
    *("huggingface_hub", "filelock", "psutil", "watchdog", "onnx", "open_clip"),
)


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python in the checkout, with the photosearch that this test run uses."""
    path = str(Path(photosearch.__file__).resolve().parents[1])
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# --- layers and modules -----------------------------------------------------------


def test_rooms_import_only_rooms_below_them() -> None:
    program = "from importlinter.cli import lint_imports_command as main; main()"
    done = run_python("-c", program, "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", done.stdout), done.stdout


@pytest.mark.parametrize("front", ["photosearch.library", "photosearch.cli.main"])
def test_importing_the_core_loads_nothing_heavy(front: str) -> None:
    program = f"import sys, {front}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = run_python("-c", program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_says_what_it_is_and_stays_small(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "it has no docstring"
    assert len(text.splitlines()) <= LINES_AT_MOST, "two things live in one room"
    assert module.stem not in {"utils", "helpers", "common", "misc", "manager"}


# --- what is shipped --------------------------------------------------------------


@pytest.mark.skipif("PHOTOSEARCH_TEST_INSTALLED" not in os.environ, reason="not an installed wheel")
def test_the_installed_wheel_is_what_is_tested() -> None:
    package = Path(photosearch.__file__).resolve().parent
    assert package.parent.name == "site-packages"
    assert not package.is_relative_to(SOURCE)
    assert resources() == package / "resources"
    files = importlib.metadata.files("photosearch") or []
    assert expected_files() <= {file.as_posix() for file in files}


def test_children_run_the_same_program() -> None:
    """Neither the current folder nor an installed copy gets in between."""
    done = run_python("-c", "import photosearch; print(photosearch.__file__)")
    assert Path(done.stdout.strip()).resolve() == Path(photosearch.__file__).resolve()


def test_the_wheel_carries_resources_and_migrations(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    done = run_python("-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    assert expected_files() <= carried
    strangers = {
        name for name in carried if name.split("/")[0] not in ("photosearch", wheel_info())
    }
    assert not strangers


def expected_files() -> set[str]:
    """Return what an installation must hold, by its path in the wheel."""
    shipped = [path for path in (REPOSITORY / "resources").rglob("*") if path.is_file()]
    assert any(path.suffix == ".svg" for path in shipped)
    migrations = (SOURCE / "store" / "migrations").glob("*.sql")
    return {
        *(path.relative_to(REPOSITORY).as_posix() for path in (*MODULES, *migrations)),
        *(f"photosearch/{path.relative_to(REPOSITORY).as_posix()}" for path in shipped),
    }


def wheel_info() -> str:
    return f"photosearch-{photosearch.__version__}.dist-info"


def test_versions_agree() -> None:
    changes = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {photosearch.__version__}" in changes


# --- the README -------------------------------------------------------------------


def code() -> Iterator[str]:
    """Yield every line of the README's code blocks and every code span in its text."""
    for block in re.findall(r"^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    text = re.sub(r"^```.*?^```", "", README, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", text)


def commands() -> list[list[str]]:
    """Return the words of every `photosearch ...` in the README."""
    lines = (line.partition("  #")[0].strip().removeprefix("$ ") for line in code())
    return [shlex.split(line) for line in lines if re.match(r"photosearch(\s|$)", line)]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_in_the_readme_exists(words: list[str]) -> None:
    arguments = words[1:]
    named = arguments[:1] and arguments[0] in parser.COMMANDS
    grammar: argparse.ArgumentParser = parser.build() if named else parser.build_window()
    try:
        grammar.parse_args(arguments)
    except SystemExit as end:
        assert end.code == 0, f"the program does not know: {shlex.join(words)}"


def test_every_command_is_in_the_readme() -> None:
    told = {words[1] for words in commands() if len(words) > 1}
    assert set(parser.COMMANDS) <= told


def test_ci_runs_the_command_of_the_readme() -> None:
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    lines = [line for line in script.splitlines() if line.strip() and not line.startswith("#")]
    assert lines[-1] == CI
    assert f"```sh\n{CI}\n```" in README


def test_scripts_in_the_readme_exist() -> None:
    asked = {tuple(line.split()[1:3]) for line in code() if line.startswith("bash ")}
    assert asked
    for script, verb in asked:
        text = (REPOSITORY / script).read_text(encoding="utf-8")
        assert f"\n  {verb}) " in text, f"{script} does not know {verb}"
    modules = {match for line in code() for match in re.findall(r"-m (tests\.\S+)", line)}
    for module in modules:
        assert (REPOSITORY / module.replace(".", "/")).with_suffix(".py").exists(), module


def test_pip_in_the_readme_installs_from_the_checkout() -> None:
    asked = [line.split("pip install", 1)[1].split()[0] for line in code() if "pip install" in line]
    assert asked
    assert [what for what in asked if what.startswith('"photosearch')] == []  # on no index
    before = README.partition("## Run it")[2].partition("## Test it")[0]
    assert "`.venv/bin/photosearch`" in before


def test_files_the_readme_points_to_exist() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    assert [name for name in targets if not (REPOSITORY / name).exists()] == []


# --- Qt ---------------------------------------------------------------------------

EMITTER = """
import sys
from PySide6.QtCore import QObject, Signal, Slot

class Sender(QObject):
    sent = Signal(object)
    told = Signal(str, int)

class Receiver(QObject):
    count = 0
    @Slot(object)
    def _on_sent(self, payload):
        self.count += 1
    def _on_told(self, text, number):
        self.count += 1

sender, receiver, payload = Sender(), Receiver(), ("a payload",)
sender.sent.connect(receiver._on_sent)
sender.told.connect(receiver._on_told)
watched = (payload, sender, receiver, None, Sender)
before = [sys.getrefcount(one) for one in watched]
for number in range(2000):
    sender.sent.emit(payload)
    sender.told.emit("text", number)
after = [sys.getrefcount(one) for one in watched]
assert receiver.count == 4000, receiver.count
print(*[now - then for then, now in zip(before, after)])
"""


def test_emitting_signals_leaves_reference_counts_alone() -> None:
    """PySide6 6.12.0 on CPython 3.11 loses one at every emission and soon aborts."""
    done = run_python("-c", EMITTER)
    assert done.returncode == 0, done.stderr
    payload, sender, receiver, none, kind = (int(word) for word in done.stdout.split())
    assert (payload, sender, receiver) == (0, 0, 0)
    assert abs(none) < 500  # what a loop leaves behind in caches, not one an emission
    assert abs(kind) < 500


def test_installing_the_program_does_not_bring_pytorch() -> None:
    """PyTorch and what needs it may only come with an extra that is asked for."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    always = project["dependencies"]
    assert any(line.startswith("onnxruntime") for line in always), always
    heavy = re.compile(r"torch|open.clip|transformers|insightface", re.IGNORECASE)
    assert not [line for line in always if heavy.match(line)]
