"""An `onnxruntime` that claims a graphics card, for a folder that goes first on a child's path.

It is the real one with another face: what its sessions are asked to run on the pretended provider
runs on the processor, or goes wrong as the test wants. It is loaded from disk by real children.
"""

from __future__ import annotations

from pathlib import Path

_CODE = """
import importlib.machinery, os, signal, sys, time

if BEHAVIOUR == "import":
    raise ImportError("libcudart.so.12: cannot open shared object file")
if BEHAVIOUR == "import-crash":
    os.kill(os.getpid(), signal.SIGKILL)
_here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_spec = importlib.machinery.PathFinder.find_spec(
    "onnxruntime", [each for each in sys.path if os.path.abspath(each) != _here]
)
__path__ = list(_spec.submodule_search_locations)
with open(_spec.origin, encoding="utf-8") as _file:
    exec(compile(_file.read(), _spec.origin, "exec"))
__version__ = VERSION
package_name = "onnxruntime-gpu"
_Real = InferenceSession
_CPU = "CPUExecutionProvider"


def get_available_providers():
    return [PROVIDER, _CPU]


def preload_dlls(**_arguments):
    pass


class _Part:
    def __init__(self, name, nodes):
        self.ep_name, self._nodes = name, nodes

    def get_nodes(self):
        return self._nodes


class InferenceSession(_Real):
    def __init__(self, source, options=None, providers=(), **more):
        names = [each[0] if isinstance(each, tuple) else each for each in providers]
        self._pretends = PROVIDER in names
        if self._pretends:
            with open(os.path.join(_here, "asked.txt"), "a", encoding="utf-8") as file:
                file.write(f"{dict(providers)[PROVIDER]!r}\\n")
        small = isinstance(source, bytes)
        if self._pretends and (BEHAVIOUR == "refuse" or BEHAVIOUR == "refuse-model" and not small):
            raise RuntimeError("this card knows no such step")
        super().__init__(source, options, providers=[_CPU], **more)

    def get_providers(self):
        return [PROVIDER, _CPU] if self._pretends and BEHAVIOUR != "missing" else [_CPU]

    def get_provider_graph_assignment_info(self):
        parts = super().get_provider_graph_assignment_info()
        fell = len(parts) if BEHAVIOUR == "nothing" else FALLBACK
        return [
            _Part(_CPU if number < fell else PROVIDER, part.get_nodes())
            for number, part in enumerate(parts)
        ]

    def run(self, names, feeds, *more):
        results = super().run(names, feeds, *more)
        if self._pretends:
            if BEHAVIOUR == "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            if BEHAVIOUR == "slow":
                time.sleep(0.5)
            if BEHAVIOUR == "hang":
                time.sleep(600)
            if BEHAVIOUR == "wrong":
                results = [each * -1 for each in results]
            if BEHAVIOUR == "memory":
                raise RuntimeError("Failed to allocate memory for requested buffer")
        return results
"""


def write(
    folder: Path,
    behaviour: str = "fine",
    *,
    provider: str = "CUDAExecutionProvider",
    version: str = "1.26.0",
    fallback: int = 0,
) -> Path:
    """Write the package into a folder and return it; `fallback` nodes fall to the processor."""
    module = folder / "onnxruntime" / "__init__.py"
    module.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "BEHAVIOUR": behaviour,
        "PROVIDER": provider,
        "VERSION": version,
        "FALLBACK": fallback,
    }
    head = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    module.write_text(head + _CODE, encoding="utf-8")
    return folder


def asked(folder: Path) -> list[str]:
    """Return the options with which sessions on the pretended provider were asked for."""
    return (folder / "asked.txt").read_text(encoding="utf-8").splitlines()


def nvidia_smi(folder: Path, *cards: tuple[str, str]) -> Path:
    """Write a `nvidia-smi` that lists cards (name, driver); returns its folder for PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{number}, GPU-{number}{number}aa, {name}, {driver}, {8192 * (number + 1)}"
        for number, (name, driver) in enumerate(cards)
    ]
    script = folder / "nvidia-smi"
    script.write_text("#!/bin/sh\ncat <<'END'\n" + "\n".join(lines) + "\nEND\n")
    script.chmod(0o755)
    return folder
