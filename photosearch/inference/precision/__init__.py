"""How exactly a model calculates: smaller graphs of it, how fast and how true they are.

Only a child process that prepares models works here: these modules import `onnx`, hold whole
models in memory, and never write to a model's own folder.
"""
