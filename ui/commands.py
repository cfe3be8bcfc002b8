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
    cases: int | None = call.options.cases
    if not has_display():
        return _scripted_day(call, cases=cases)
    import tempfile

    from desk_app import settings
    from desk_app.clock import SystemClock
    from desk_app.demo.office import SOME_CASES, found_demo
    from ui.app import run

    with tempfile.TemporaryDirectory(prefix="inquiry-desk-demo-") as folder:
        print(call.words("cli.demo_founding"), flush=True)
        found_demo(
            Path(folder),
            clock=SystemClock(),
            language=call.words.language,
            cases=SOME_CASES if cases is None else cases,
        ).close()
        settings.save(Path(folder), settings.Settings(language=call.words.language))
        return run(Path(folder))


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
    if not 0 <= number <= _MOST_CASES:
        raise argparse.ArgumentTypeError(f"0 … {_MOST_CASES}")
    return number


def _demo_options(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--cases", metavar="N", type=_cases, help=words("cli.demo_cases"))


COMMANDS: tuple[Command, ...] = (
    Command("run", _run),
    Command("demo", _demo, _demo_options),
)
