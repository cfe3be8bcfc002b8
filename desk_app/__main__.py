"""``python -m desk_app``: the window, or a command. The one file of the core that names ``ui``."""

import sys

from desk_app import cli
from desk_app.folder import open_folder


def _run(call: cli.Call) -> int:
    folder = open_folder(call.folder)
    from ui.app import run

    return run(folder)


COMMANDS = (cli.Command("run", _run), *cli.COMMANDS)


if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:], COMMANDS, default="run"))
