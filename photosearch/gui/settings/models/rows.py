"""A row of the table of models: an offer of the library and what this window does about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from photosearch.gui.settings.models import wording
from photosearch.gui.text import _, number
from photosearch.gui.told import told
from photosearch.types import DownloadProgress, ModelKind, ModelOffer, OfferState


class PullState(StrEnum):
    WAITING = "waiting"  # others are downloaded first
    RUNNING = "running"
    STOPPING = "stopping"  # paused or cancelled, and the last piece is still under way
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Pull:
    """A download that this window asked for."""

    state: PullState
    progress: DownloadProgress | None = None
    problem: str = ""  # why it failed, a sentence


class Deed(StrEnum):
    """What can be done with a model; what is likeliest comes first in `deeds`."""

    GET = "get"
    GET_AND_USE = "get and use"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    USE = "use"
    NOW = "now"
    GO_BACK = "go back"
    TRY = "try"
    MEASURE = "measure"
    REPAIR = "repair"
    DELETE = "delete"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Row:
    """What the table shows of one model."""

    offer: ModelOffer
    pull: Pull | None = None
    work: str = ""  # what else is being done with it: "Measuring…"
    problem: str = ""  # why the last deed did not work

    @property
    def name(self) -> str:
        return self.offer.name

    @property
    def title(self) -> str:
        return self.offer.title or self.offer.name

    @property
    def state(self) -> OfferState:
        """How far the model is, what this window does included."""
        if self.pull is not None and self.pull.state is not PullState.FAILED:
            return OfferState.DOWNLOADING
        return self.offer.state

    @property
    def progress(self) -> DownloadProgress | None:
        """How far a download is, of this window's or another's."""
        if self.pull is not None and self.pull.progress is not None:
            return self.pull.progress
        return self.offer.progress

    @property
    def trouble(self) -> str:
        """What is wrong with it, a sentence; empty when nothing is."""
        if self.pull is not None and self.pull.problem:
            return self.pull.problem
        return told(self.problem or self.offer.problem)

    @property
    def here(self) -> bool:
        """Whether the model can be used or was used: all its files are on this machine."""
        return self.offer.info is not None


def share(row: Row) -> float | None:
    """Return how much of a download is here, 0 to 1; None where there is none to show."""
    if row.state is OfferState.DOWNLOADING:
        return wording.download_share(row.progress) or 0.0
    if row.state is OfferState.PAUSED and row.offer.download_bytes > 0:
        return min(1.0, row.offer.disk_bytes / row.offer.download_bytes)
    return None


def state_words(row: Row) -> str:
    """Say in a word or two how far a model is."""
    if row.work:
        return row.work
    if row.state is OfferState.DOWNLOADING:
        return _download_state(row)
    if row.trouble and row.state is not OfferState.IN_USE:
        return _("Problem")
    return {
        OfferState.AVAILABLE: _("Not on this machine"),
        OfferState.PAUSED: _("Paused"),
        OfferState.INSTALLED: _("Ready"),
        OfferState.COMING: _("Being prepared"),
        OfferState.IN_USE: _("In use"),
        OfferState.PROBLEM: _("Problem"),
    }[row.state]


def _download_state(row: Row) -> str:
    if row.pull is not None and row.pull.state is PullState.WAITING:
        return _("Waiting")
    if row.pull is not None and row.pull.state is PullState.STOPPING:
        return _("Stopping…")
    progress = row.progress
    if progress is None:
        return _("Downloading")
    part = wording.download_share(progress)
    if part is None or progress.stage != "downloading":
        return wording.download_stage(progress)
    return _("{n} %").format(n=number(part * 100))


def state_note(row: Row) -> str:
    """Return what stands below the state: speed and time of a download, or why there is none."""
    if row.work:
        return ""
    if row.state is OfferState.DOWNLOADING and row.progress is not None:
        if row.progress.note:
            return told(row.progress.note)
        parts = (wording.rate(row.progress), wording.time_left(row.progress))
        return " · ".join(part for part in parts if part)
    if row.trouble:
        return row.trouble
    if row.state is OfferState.PAUSED and row.offer.download_bytes:
        return _("{done} of {total}").format(
            done=wording.size(row.offer.disk_bytes), total=wording.size(row.offer.download_bytes)
        )
    return ""


def deeds(row: Row) -> tuple[Deed, ...]:
    """Return what can be done with a model now, the likeliest first."""
    if row.work:
        return ()
    if row.state is OfferState.DOWNLOADING:
        stopping = row.pull is not None and row.pull.state is PullState.STOPPING
        return () if stopping or row.pull is None else (Deed.PAUSE, Deed.CANCEL)
    search = row.offer.kind is ModelKind.SEARCH
    measured = (Deed.TRY, Deed.MEASURE) if search else (Deed.MEASURE,)
    fetched = row.offer.entry is not None and (row.offer.owned or not row.here)
    mended = (Deed.REPAIR,) if fetched else ()  # one's own there is nowhere to fetch from
    gone = (Deed.DELETE,) if row.offer.owned else (Deed.FORGET,)
    return {
        OfferState.AVAILABLE: (Deed.GET, Deed.GET_AND_USE),
        OfferState.PAUSED: (Deed.RESUME, Deed.CANCEL),
        OfferState.INSTALLED: (Deed.USE, *measured, *mended, *gone),
        OfferState.COMING: (Deed.NOW, Deed.GO_BACK, *measured[-1:]),
        OfferState.IN_USE: (*measured, *mended),
        OfferState.PROBLEM: (*(mended or gone), *(gone if mended else ())),
    }[row.state]


def main_deed(row: Row) -> Deed | None:
    """Return what brings a model on, for the button in its row; None where nothing does."""
    possible = deeds(row)
    return possible[0] if possible and row.state is not OfferState.IN_USE else None


def deed_words(deed: Deed, row: Row) -> str:
    """Return what stands on the button of a deed."""
    if deed is Deed.RESUME and row.trouble:
        return _("Try again")
    if deed is Deed.REPAIR and row.trouble:
        return _("Repair")
    return {
        Deed.GET: _("Get"),
        Deed.GET_AND_USE: _("Get and use…"),
        Deed.PAUSE: _("Pause"),
        Deed.RESUME: _("Resume"),
        Deed.CANCEL: _("Cancel download"),
        Deed.USE: _("Use…"),
        Deed.NOW: _("Switch now"),
        Deed.GO_BACK: _("Go back"),
        Deed.TRY: _("Compare…"),
        Deed.MEASURE: _("Measure"),
        Deed.REPAIR: _("Check files"),
        Deed.DELETE: _("Delete…"),
        Deed.FORGET: _("Remove from list"),
    }[deed]
