"""fp16 graphs for graphics cards; what goes in and comes out stays fp32.

The conversion is ONNX Runtime's (`onnxruntime.transformers.float16`), which knows the operations
that must stay fp32.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from photosearch.errors import ModelError
from photosearch.inference.precision.graph_files import save
from photosearch.inference.providers import runtime

if TYPE_CHECKING:
    import onnx


def halve(source: Path, target: Path) -> None:
    """Write the fp16 form of a graph; ModelError when it cannot be made."""
    runtime()
    from onnxruntime.transformers import float16

    model = _with_types(source, target.parent)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of each weight that is cut to what fp16 can hold
        try:
            made = float16.convert_float_to_float16(
                model, keep_io_types=True, disable_shape_infer=True
            )
        except (ValueError, KeyError, AttributeError, AssertionError) as error:
            raise ModelError(f"{Path(*source.parts[-3:])} has no fp16 form: {error}.") from error
    save(made, target)


def _with_types(source: Path, work: Path) -> onnx.ModelProto:
    """Read a graph with the types of everything in it, also one above 2 GB."""
    import onnx
    from onnx.external_data_helper import load_external_data_for_model

    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as place:
        typed = Path(place) / "typed.onnx"
        onnx.shape_inference.infer_shapes_path(str(source), str(typed))
        model = onnx.load(str(typed), load_external_data=False)
    load_external_data_for_model(model, str(source.parent))
    return model
