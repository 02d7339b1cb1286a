"""Running out of memory: told apart from other failures, and worked through in smaller portions.

Graphs that ask for 256 TB make ONNX Runtime really run out; what it says on graphics cards is
quoted from reports of its users.
"""

from __future__ import annotations

from pathlib import Path

import heavy_models
import numpy as np
import pytest
import tiny_faces
from tiny_faces import TinyFaces

from photosearch.errors import ModelError
from photosearch.inference.encoders import open_image_encoder, open_text_encoder
from photosearch.inference.faces import open_face_analyser
from photosearch.inference.fingerprint import RECOGNITION
from photosearch.inference.memory import NoMemoryError, Portions, is_out_of_memory
from photosearch.inference.model_folder import IMAGE_GRAPH, TEXT_GRAPH
from photosearch.inference.session import open_session

ARENA = "/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* "
NODE = "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running "
DML = (
    "Add node. Name:'Add.8' Status Message: D:\\a\\_work\\1\\s\\onnxruntime\\core\\providers\\dml"
    "\\DmlExecutionProvider\\src\\MLOperatorAuthorImpl.cpp(1978)\\onnxruntime_pybind11_state.pyd"
    "!00007FFBDC8EBB9F: (caller: 00007FFBDCFFDEFF) Exception(3) tid(4304) "
)
OUT = [
    # The processor: Linux, Windows.
    f"{NODE}Conv node. Name:'347_nchwc' Status Message: {ARENA}onnxruntime::BFCArena::"
    "AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for "
    "requested buffer of size 285081600",
    f"{NODE}MatMul node. Name:'' Status Message: std::bad_alloc",
    f"{NODE}FusedMatMul node. Name:'MatMul_14' Status Message: bad allocation",
    # A limit on an arena, the processor's or a card's.
    f"{NODE}Cast node. Name:'cast0' Status Message: {ARENA}onnxruntime::BFCArena::"
    "AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Available memory of 34699008 is "
    "smaller than requested bytes of 945041920",
    # CUDA.
    f"{NODE}Conv node. Name:'Conv_3' Status Message: CUDA failure 2: out of memory ; GPU=0 ; "
    "hostname=desk ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_allocator.cc ; "
    "line=48 ; expr=cudaMalloc((void**)&p, size);",
    "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&cublas_handle_);",
    "CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cudnnCreate(&cudnn_handle_);",
    # DirectML.
    f"{NODE}{DML}8007000E Not enough memory resources are available to complete this operation.",
    f"{NODE}{DML}8007000E Für diesen Vorgang sind nicht genügend Speicherressourcen verfügbar.",
]
OTHER = [
    "[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input: pixels",
    f"{NODE}{DML}80070057 The parameter is incorrect.",
    f"{NODE}{DML}887A0005 The GPU device instance has been suspended.",
    f"{NODE}Conv node. Name:'Conv_2' Status Message: CUDNN failure 3: CUDNN_STATUS_BAD_PARAM",
    "CUDA failure 222: the provided PTX was compiled with an unsupported toolchain.",
    "CUDA failure 719: unspecified launch failure ; GPU=0",
    "Failed to load model because protobuf parsing failed.",
]


# --- telling ------------------------------------------------------------------------


@pytest.mark.parametrize("words", OUT)
def test_what_says_that_memory_ran_out(words: str) -> None:
    assert is_out_of_memory(RuntimeError(words))


@pytest.mark.parametrize("words", OTHER)
def test_what_says_something_else(words: str) -> None:
    assert not is_out_of_memory(RuntimeError(words))


def undecodable(words: str, code: str) -> UnicodeDecodeError:
    """Return what Python raises in the place of ONNX Runtime's error in a language of Windows."""
    with pytest.raises(UnicodeDecodeError) as raised:
        words.encode(code).decode("utf-8")
    return raised.value


def test_directml_speaks_the_language_of_windows() -> None:
    german = "Für diesen Vorgang sind nicht genügend Speicherressourcen verfügbar."
    japanese = "この操作を完了するのに十分なメモリ リソースがありません。"
    assert is_out_of_memory(undecodable(f"{NODE}{DML}8007000E {german}", "cp1252"))
    assert is_out_of_memory(undecodable(f"{NODE}{DML}8007000E {japanese}", "cp932"))
    assert not is_out_of_memory(undecodable(f"{NODE}{DML}887A0005 {german}", "cp1252"))


def test_pythons_own_error_counts() -> None:
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(KeyError("pixels"))


def test_the_installed_runtime_says_it_so(tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path)
    heavy_models.greedy(folder / IMAGE_GRAPH, 1)
    session = open_session(folder / IMAGE_GRAPH)
    two = np.zeros((2, 3, 16, 16), np.float32)
    with pytest.raises(NoMemoryError, match=r"visual/model\.onnx failed: .*Failed to allocate"):
        session.run("image_embeds", {"pixels": two})
    assert session.run("image_embeds", {"pixels": two[:1]}).shape == (1, 64), "it goes on"
    with pytest.raises(ModelError) as other:
        session.run("image_embeds", {"pixels": two[:, :2]})
    assert not isinstance(other.value, NoMemoryError)


# --- portions -----------------------------------------------------------------------


FULL = NoMemoryError("full")


def run(portions: Portions, count: int, most: int, error: Exception = FULL) -> list[int]:
    """Return the sizes that were tried, where no more than `most` fit."""
    tried: list[int] = []
    done: list[int] = []

    def work(part: slice) -> None:
        tried.append(part.stop - part.start)
        if tried[-1] > most:
            raise error
        done.extend(range(part.start, part.stop))

    portions.run(count, work)
    assert done == list(range(count))
    return tried


def test_portions_are_halved_and_stay_so() -> None:
    portions = Portions(16)
    assert run(portions, 20, 5) == [16, 8, 4, 4, 4, 4, 4]
    assert portions.at_once == 4
    assert run(portions, 9, 5) == [4, 4, 1], "remembered"
    assert run(Portions(16), 0, 1) == []
    assert run(Portions(8), 3, 1, MemoryError()) == [3, 1, 1, 1], "half of what was tried"


@pytest.mark.parametrize(
    ("error", "words"),
    [(NoMemoryError("The graph failed."), "The graph failed"), (MemoryError(), "out of memory")],
)
def test_where_not_even_one_fits_the_user_is_told(error: Exception, words: str) -> None:
    with pytest.raises(ModelError, match=rf"not enough memory to run this model.*\({words}\)$"):
        run(Portions(4), 4, 0, error)
    with pytest.raises(ModelError, match="not enough memory"):
        run(Portions(16, fixed=4), 4, 2, error)


def test_other_failures_are_not_tried_in_halves() -> None:
    portions = Portions(16)
    with pytest.raises(ModelError, match="broken"):
        run(portions, 20, 5, ModelError("broken"))
    assert portions.at_once == 16


# --- the encoders -------------------------------------------------------------------


def test_pictures_go_on_in_halves(tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (41, 16, 16, 3), np.uint8)
    expected = open_image_encoder(folder).encode(pixels)
    heavy_models.greedy(folder / IMAGE_GRAPH, 5)
    encoder = open_image_encoder(folder)
    assert encoder.portions.at_once > 41
    np.testing.assert_allclose(encoder.encode(pixels), expected, atol=1e-6)
    assert encoder.portions.at_once == 5, "41, 20, 10, 5"
    np.testing.assert_allclose(encoder.encode(pixels[:3]), expected[:3], atol=1e-6)
    heavy_models.greedy(folder / IMAGE_GRAPH, 0)
    with pytest.raises(ModelError, match="not enough memory to run this model"):
        open_image_encoder(folder).encode(pixels[:2])


def test_texts_go_on_in_halves(tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path)
    words = ["a", "dog", "on", "beach", "its"]
    texts = [f"{one} {other} red" for one in words for other in words[:3]]
    expected = open_text_encoder(folder).encode(texts)
    heavy_models.greedy(folder / TEXT_GRAPH, 4)
    encoder = open_text_encoder(folder)
    np.testing.assert_allclose(encoder.encode(texts), expected, atol=1e-6)
    assert encoder.portions.at_once == 3, "15, 7, 3"
    heavy_models.greedy(folder / TEXT_GRAPH, 0)
    with pytest.raises(ModelError, match="not enough memory to run this model"):
        open_text_encoder(folder).encode(texts[:1])


def test_a_graph_that_insists_on_a_number_cannot_be_halved(tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path, batch=4)
    heavy_models.greedy(folder / IMAGE_GRAPH, 3)
    with pytest.raises(ModelError, match="not enough memory to run this model"):
        open_image_encoder(folder).encode(np.zeros((2, 16, 16, 3), np.uint8))


def test_faces_go_on_in_halves(tmp_path: Path) -> None:
    folder = tiny_faces.write(tmp_path, TinyFaces())
    faces = np.random.default_rng(0).integers(0, 256, (19, 112, 112, 3), np.uint8)
    expected = open_face_analyser(folder).recogniser.encode(faces)
    assert np.linalg.norm(expected, axis=1) == pytest.approx(1.0)
    heavy_models.greedy(folder / RECOGNITION, 6)
    recogniser = open_face_analyser(folder).recogniser
    np.testing.assert_allclose(recogniser.encode(faces), expected, atol=1e-6)
    assert recogniser.portions.at_once == 4, "19, 9, 4"
    heavy_models.greedy(folder / RECOGNITION, 0)
    with pytest.raises(ModelError, match="not enough memory to run this model"):
        open_face_analyser(folder).recogniser.encode(faces)


def test_a_recogniser_that_fails_otherwise_goes_one_by_one(tmp_path: Path) -> None:
    folder = tiny_faces.write(tmp_path, TinyFaces(one_at_once=True))
    faces = np.random.default_rng(0).integers(0, 256, (5, 112, 112, 3), np.uint8)
    recogniser = open_face_analyser(folder).recogniser
    assert np.linalg.norm(recogniser.encode(faces), axis=1) == pytest.approx(1.0)
    assert recogniser.portions.at_once == 1
