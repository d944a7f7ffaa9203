"""How fast the engine is, always beside a plain way of doing the same in the same run. See README.md."""
