"""Search models prepared beside the one that a run began with: one is to come, or was chosen.

The database says which photos wait for which model, the settings which models are wanted; both
may change while a run goes on.
"""

from __future__ import annotations

from photosearch.indexing.embedding import Embedding
from photosearch.indexing.tools import Tools
from photosearch.indexing.tuning import Tuning
from photosearch.indexing.turns import Turns
from photosearch.types import ModelInfo, ModelKey, Stage


def models_of(tools: Tools) -> tuple[ModelInfo, ...]:
    """Return the search models that photos are prepared for by now, the one in use first."""
    if tools.beside is not None:
        return tools.beside.wanted()
    return (tools.model,) if tools.model is not None else ()


def is_wanted(tools: Tools, model: ModelInfo | None) -> bool:
    """Say whether a model is still in use or to come."""
    return model is not None and model.key in {each.key for each in models_of(tools)}


def prepare_beside(tools: Tools) -> list[str]:
    """Give photos vectors of the other models; return what the user must know.

    A coming model that has seen all it can is in use from then on.
    """
    if tools.beside is None:
        return []
    notices: list[str] = []
    done: set[ModelKey] = {tools.model.key} if tools.model is not None else set()
    while True:
        models = models_of(tools)
        model = next((each for each in models if each.key not in done), None)
        if model is None:
            break
        done.add(model.key)
        shown_as = Stage.EMBED if model.key == models[0].key else Stage.COMING
        notices += _prepare(tools, model, shown_as)
    if trouble := tools.beside.trouble():
        tools.reporter.note = tools.reporter.note or trouble
        notices.append(trouble)
    return notices


def _prepare(tools: Tools, model: ModelInfo, shown_as: Stage) -> list[str]:
    """Work off what waits for a model, until only photos are left that nobody can get at."""
    assert tools.beside is not None
    stage = Embedding(tools, model, shown_as)
    turns = Turns(tools, stage, lambda: is_wanted(tools, model))
    Tuning(tools, model, stage).before(stage.pending_count)
    left = stage.pending_count() + 1
    while (waiting := stage.pending_count()) and waiting < left:  # others may add photos meanwhile
        left = waiting
        turns.of_the_rest()
        if turns.trouble:
            return [turns.trouble]
        if not is_wanted(tools, model):
            return []
    tools.check()
    said = tools.beside.arrived(model, waiting)
    if not said:
        return []
    tools.reporter.stage(shown_as, 0)
    tools.reporter.step(0, changed=True)
    return [said]
