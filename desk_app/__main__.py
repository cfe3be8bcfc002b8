"""``python -m desk_app``: the window, or a command. The one file of the core that names ``ui``."""

import sys

from desk_app import cli

if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:], cli.COMMANDS))
