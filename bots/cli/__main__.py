"""``python -m bots.cli`` is ``transom``."""

from bots.cli import main

main()
