"""One grid of photos for all pages: view, model, thumbnails."""

from photosearch.gui.grid.drag import IDS_MIME, file_url, photos_in
from photosearch.gui.grid.geometry import MAX_TILE_PX, MIN_TILE_PX
from photosearch.gui.grid.model import PhotoModel, Role
from photosearch.gui.grid.thumbs import ThumbLoader
from photosearch.gui.grid.view import PhotoGridView

__all__ = [
    "IDS_MIME",
    "MAX_TILE_PX",
    "MIN_TILE_PX",
    "PhotoGridView",
    "PhotoModel",
    "Role",
    "ThumbLoader",
    "file_url",
    "photos_in",
]
