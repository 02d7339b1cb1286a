"""Running out of memory: how it is told apart from other failures, and working in smaller portions.

ONNX Runtime has no error of its own for it; each provider says it in other words.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from photosearch.errors import ModelError

_SAID = re.compile(
    r"Failed to allocate memory"  # the arena of every provider: "... for requested buffer of size"
    r"|Available memory of \d+ is smaller than requested"  # ... and where it has a limit
    r"|std::bad_alloc|bad allocation"  # the processor, from GCC and from Visual C++
    r"|CUDA failure 2\b|CUDA_ERROR_OUT_OF_MEMORY|out of memory"
    r"|CUBLAS_STATUS_ALLOC_FAILED|CUDNN_STATUS_ALLOC_FAILED"
    r"|8007000E|E_OUTOFMEMORY",  # DirectML: the words after the number are in the user's language
    re.IGNORECASE,
)


class NoMemoryError(ModelError):
    """A graph needed more memory than there was: fewer at once may succeed."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of ONNX Runtime says that memory ran out."""
    words = str(error)
    if isinstance(error, UnicodeDecodeError):  # its words, in a language of Windows, are in there
        words = error.object.decode("ascii", "replace")
    return isinstance(error, MemoryError) or _SAID.search(words) is not None


class Portions:
    """How many items go through a graph at once: halved when memory runs out, and kept so."""

    def __init__(self, most: int, fixed: int | None = None) -> None:
        """`fixed` is the number that a graph insists on."""
        self.at_once = fixed or max(1, most)
        self._fixed = fixed is not None

    def run(self, count: int, work: Callable[[slice], None]) -> None:
        """Work through `count` items; ModelError when there is no memory even for one."""
        start = 0
        while start < count:
            part = slice(start, min(start + self.at_once, count))
            try:
                work(part)
            except (NoMemoryError, MemoryError) as error:
                self._halve(part.stop - part.start, error)
            else:
                start = part.stop

    def _halve(self, tried: int, error: BaseException) -> None:
        if self._fixed or tried == 1:
            raise ModelError(
                "There is not enough memory to run this model. Close other programs, or choose a "
                f"smaller model or another device. ({str(error).rstrip('.') or 'out of memory'})"
            ) from error
        self.at_once = tried // 2
