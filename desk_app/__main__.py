"""``python -m desk_app``: the window, or a command. The one file of the core that names ``ui``."""

import sys

from desk_app import cli, cli_keeping, cli_privacy
from desk_app.process import keep_to_oneself
from ui import commands

COMMANDS = (*commands.COMMANDS, *cli.COMMANDS, *cli_keeping.COMMANDS, *cli_privacy.COMMANDS)

RECORDER = "recorder-process"
"""The argument that makes a built application its own recorder; see `recordings.recorder`."""

VIEWER = "viewer-process"
"""The argument that makes it its own viewer of attachments; see `cases.attachments.viewing`."""

if __name__ == "__main__":
    keep_to_oneself()
    if sys.argv[1:] == [RECORDER]:  # a built application is its own Python
        from desk_app.recordings.recorder_process import main

        sys.exit(main())
    if sys.argv[1:] == [VIEWER]:
        from desk_app.cases.attachments.viewer_process import main

        sys.exit(main())
    sys.exit(cli.main(sys.argv[1:], COMMANDS, default="run"))
