"""Files become pixels and facts: names, folders, decoding, metadata, thumbnails.

Knows nothing of the library's database, of models or of the window.
"""
