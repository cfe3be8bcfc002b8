"""The commands that open a window: ``run`` and ``demo``.

Without a screen both say so and play one scripted day in a throwaway office instead.
"""

import argparse
import gc
import os
from pathlib import Path

from desk_app.cli import DONE, Call, Command
from desk_app.folder import open_folder
from desk_app.words import Words
from ui.display import has_display
from ui.progress_bar import ProgressBar

_MOST_CASES = 10_000_000


def _run(call: Call) -> int:
    if not has_display():
        return _scripted_day(call, cases=None)
    folder = open_folder(call.folder)
    # The window waits for these imports. Nothing in them is garbage, so it isn't looked for (the
    # window's own collector goes on from here), and what comes before Qt is spared Qt's look at
    # the source of every later import.
    gc.disable()
    import desk_app.settings  # noqa: F401 -- what the window reads first
    from ui.app import run

    return run(folder)


def _demo(call: Call) -> int:
    if not has_display() and call.folder is None:
        return _scripted_day(call, cases=call.options.cases)
    import tempfile

    if call.folder is not None:
        _make_demo(call, call.folder)
        if not has_display():
            print(call.words("cli.demo_made", folder=call.folder))
            return DONE
        return _open_demo(call.folder)
    with tempfile.TemporaryDirectory(prefix="inquiry-desk-demo-") as scratch:
        folder = Path(scratch, "office")
        _make_demo(call, folder)
        return _open_demo(folder)


def _open_demo(folder: Path) -> int:
    from ui.app import run

    return run(folder)


def _make_demo(call: Call, folder: Path) -> None:
    from desk_app.clock import SystemClock
    from desk_app.demo.growing import grow_demo

    print(call.words("cli.demo_founding"), flush=True)
    bar = ProgressBar(call.words)
    grow_demo(
        folder,
        clock=SystemClock(),
        language=call.words.language,
        cases=call.options.cases,
        tell=bar.tell,
    )
    bar.end()


def _scripted_day(call: Call, *, cases: int | None) -> int:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    import tempfile

    from ui.scripted_day import play

    print(call.words("cli.no_display"), flush=True)
    kept = Path(tempfile.mkdtemp(prefix="inquiry-desk-day-"))
    play(kept, words=call.words, tell=lambda line: print(line, flush=True), cases=cases)
    print(call.words("cli.day_kept", folder=kept), flush=True)
    return DONE


def _cases(text: str) -> int:
    number = int(text)
    if not 1 <= number <= _MOST_CASES:
        raise argparse.ArgumentTypeError(f"1 … {_MOST_CASES:,}")
    return number


def _demo_options(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--cases", metavar="N", type=_cases, help=words("cli.demo_cases"))


COMMANDS: tuple[Command, ...] = (
    Command("run", _run),
    Command("demo", _demo, _demo_options),
)
