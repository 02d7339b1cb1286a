"""Search models: what a model folder says, and vectors from pictures and words.

Knows ONNX Runtime and tokenizers (both loaded only when a model is opened).  Does not know
the library, the vector index, or where photos lie.
"""
