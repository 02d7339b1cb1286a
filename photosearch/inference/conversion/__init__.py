"""From open_clip's models to folders that the program reads: the only place that knows PyTorch.

Works in a process of its own: PyTorch is large, and a conversion can be given up at any time.
"""
