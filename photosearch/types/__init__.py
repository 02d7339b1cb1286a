"""Values that travel between rooms: frozen, slotted, picklable, without behaviour beyond trivia.

Paths inside a folder are bytes (names that are not UTF-8 exist); `dir` is relative to the
folder's root with `/` between parts and is `b""` for the root itself.
"""

from __future__ import annotations

from photosearch.types.basic import (
    ActionId,
    FaceId,
    FileId,
    FolderId,
    Ids,
    ModelKey,
    PersonId,
    PhotoId,
    Pixels,
    Vector,
    Vectors,
)
from photosearch.types.indexing import Check, Failure, IndexReport, Progress, Report, Stage
from photosearch.types.library import (
    Folder,
    LibraryStatus,
    MonthMark,
    PhotoDetails,
    PhotoFilter,
    PhotoList,
    PhotoSummary,
    Results,
    SearchRequest,
    Subfolder,
)
from photosearch.types.media import Box, DateSource, FaceRegion, Facts, FileEntry, Listing
from photosearch.types.models import AnyModel, FacePackInfo, ModelInfo, Preprocess
from photosearch.types.people import (
    DetectedFace,
    Evaluation,
    GroupReport,
    History,
    Person,
    PersonFace,
    Question,
)
from photosearch.types.search import Completion, Mention, Query, Role

__all__ = [
    "ActionId",
    "AnyModel",
    "Box",
    "Check",
    "Completion",
    "DateSource",
    "DetectedFace",
    "Evaluation",
    "FaceId",
    "FacePackInfo",
    "FaceRegion",
    "Facts",
    "Failure",
    "FileEntry",
    "FileId",
    "Folder",
    "FolderId",
    "GroupReport",
    "History",
    "Ids",
    "IndexReport",
    "LibraryStatus",
    "Listing",
    "Mention",
    "ModelInfo",
    "ModelKey",
    "MonthMark",
    "Person",
    "PersonFace",
    "PersonId",
    "PhotoDetails",
    "PhotoFilter",
    "PhotoId",
    "PhotoList",
    "PhotoSummary",
    "Pixels",
    "Preprocess",
    "Progress",
    "Query",
    "Question",
    "Report",
    "Results",
    "Role",
    "SearchRequest",
    "Stage",
    "Subfolder",
    "Vector",
    "Vectors",
]
