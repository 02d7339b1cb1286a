"""Before many photos go through a search model: find out once how it runs best here."""

from __future__ import annotations

from collections.abc import Callable

from photosearch.indexing.embedding import Embedding
from photosearch.indexing.tools import Tools
from photosearch.types import ConversionProgress, ModelInfo, Stage

NOTE = "How {name} runs best on this computer is found out, once: {what} ({step} of {steps})."
_WHAT = {
    "measuring": "it is measured",
    "making": "a faster form of it is made",
}


class Tuning:
    """One model of a run."""

    def __init__(self, tools: Tools, model: ModelInfo, stage: Embedding) -> None:
        self._tools = tools
        self._model = model
        self._stage = stage
        self._told = ""

    def before(self, waiting: Callable[[], int]) -> None:
        """Measure the model if so many photos are worth it and it has not been done."""
        if self._tools.tune is None:
            return
        reporter = self._tools.reporter
        note = reporter.note
        try:
            self._stage.batch = self._tools.tune(
                self._model, waiting, self._report, self._tools.check
            )
        finally:
            reporter.note = note

    def _report(self, progress: ConversionProgress) -> None:
        reporter = self._tools.reporter
        what = _WHAT.get(progress.stage, progress.stage)
        reporter.note = NOTE.format(
            name=self._model.name, what=what, step=progress.step, steps=progress.steps
        )
        reporter.stage(Stage.MEASURE, 0)
