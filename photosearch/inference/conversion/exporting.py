"""The two halves of an open_clip model as ONNX graphs.

Opset 17 and at most IR 10, because DirectML's newest runtime takes no more; any number of
pictures or texts at once; vectors are not brought to unit length, the program does that.
"""

from __future__ import annotations

import importlib
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from photosearch.errors import ModelError
from photosearch.inference.conversion import libraries
from photosearch.inference.conversion.loading import Loaded

OPSET = 17
IR_AT_MOST = 10
# One file of this format holds 2 GB; a graph needs some of it for itself.
ONE_FILE_BYTES = 1_900_000_000
WEIGHTS = "model.onnx.data"


def export_pictures(loaded: Loaded, path: Path, one_file: int = ONE_FILE_BYTES) -> None:
    """Write the image tower."""
    torch = libraries.load().torch
    size = loaded.model.visual.image_size
    height, width = (size, size) if isinstance(size, int) else size
    sample = torch.zeros(2, 3, height, width)
    _export(loaded, _plain(loaded.model.encode_image), sample, path, one_file)


def export_words(loaded: Loaded, path: Path, one_file: int = ONE_FILE_BYTES) -> None:
    """Write the text tower.

    Ids are int32 where CLIP's own tokenizer makes them, as in the models of OpenAI's format.
    """
    torch = libraries.load().torch
    own = not loaded.config["text_cfg"].get("hf_tokenizer_name")
    kind = torch.int32 if own else torch.int64
    sample = torch.zeros(2, loaded.context_length, dtype=kind)
    if not own:  # a text of padding alone would be traced with nothing in it
        sample[:, :2] = 2
    _export(loaded, _plain(loaded.model.encode_text), sample, path, one_file)


def _plain(call: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda given: call(given, normalize=False)  # CoCa would, if not asked


def _export(
    loaded: Loaded, call: Callable[[Any], Any], sample: Any, path: Path, one_file: int
) -> None:
    name = "image" if sample.is_floating_point() else "text"
    rough = path.parent / "rough"  # weights of a large model come as hundreds of files
    rough.mkdir(parents=True)
    try:
        _trace(loaded.model, call, sample, name, rough / path.name)
        _settle(rough / path.name, path, one_file)
    except OSError:
        raise
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
        raise ModelError(
            f"The {name} half of {loaded.name} cannot be exported: {_reason(error)}"
        ) from error
    finally:
        shutil.rmtree(rough, ignore_errors=True)


def _trace(model: Any, call: Callable[[Any], Any], sample: Any, name: str, path: Path) -> None:
    torch = libraries.load().torch

    class Tower(torch.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.model = model  # its weights become initialisers, not constants in the code

        def forward(self, given: Any) -> Any:
            return call(given)

    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # its fused attention has no ONNX form
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # the tracer warns of every Python branch it follows
            torch.onnx.export(
                Tower().eval(),
                (sample,),
                str(path),
                input_names=[name],
                output_names=["embedding"],
                dynamic_axes={name: {0: "batch"}, "embedding": {0: "batch"}},
                opset_version=OPSET,
                dynamo=False,
            )
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def _settle(rough: Path, path: Path, one_file: int) -> None:
    """Put a graph where it belongs: in one file, or with all its weights in one beside it."""
    onnx: Any = importlib.import_module("onnx")
    size = sum(each.stat().st_size for each in rough.parent.iterdir())
    graph = onnx.load(str(rough), load_external_data=False)
    if graph.ir_version > IR_AT_MOST or graph.opset_import[0].version != OPSET:
        raise ValueError(f"it became IR {graph.ir_version}, opset {graph.opset_import[0].version}")
    if size <= one_file:
        rough.replace(path)
        return
    onnx.load_external_data_for_model(graph, str(rough.parent))
    onnx.save_model(
        graph,
        str(path),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=WEIGHTS,
        size_threshold=1024,
    )


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".") + "."
