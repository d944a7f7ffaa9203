"""``python -m commands`` is ``hoixa``."""

from commands.main import main

main()
