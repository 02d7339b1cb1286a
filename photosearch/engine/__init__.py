"""Processes that work: decoders (files -> pixels) and the engine (model and vector index).

`protocol` is what the rest of the program sees; `inline` does it in this process, `remote`
in a child, `decoders` keeps a pool of decoding children.
"""
