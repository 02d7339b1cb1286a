"""One window for each library: who is first holds it, and later starts hand their paths over.

What comes before Qt (`claim`, `message`, `local`) knows no Qt: a second start is over before
Qt would have been loaded.
"""
