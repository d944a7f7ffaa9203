"""How fast the engine is, always beside a plain way of doing the same in the same run. See README.md."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as commands.main does, before anything imports numpy
