"""The real product against the emulated Zalo while processes are killed and everything on the way fails.

``python -m tests.chaos`` runs the long form and prints a table; the tests beside it run the short one.
"""
