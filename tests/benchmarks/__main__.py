"""``./desk bench [NAME…] [--cases N] [--data FOLDER] [--json]``: what the product costs.

Figures are ratios to a floor in the same run, or bounded by themselves. Every module of this
package with a ``measure() -> Iterable[Row]`` is a benchmark of its name; a room adds one by
adding a module. Ends with 1 if a goal is missed. Without names all are run but `ONLY_BY_NAME`.
"""

import argparse
import dataclasses
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import tests.benchmarks
from desk_app.cli import data_folder
from desk_app.errors import DeskError
from desk_app.words import Words
from tests.benchmarks.measuring import Row

COLUMNS = "{:<24} {:>14} {:<12} {:>14} {:>11} {:>10}  {}"

ONLY_BY_NAME = frozenset({"soak", "peers", "server_search"})
"""Those that take half an hour and more, or need the network or a server."""


def benchmarks() -> list[str]:
    """The names of all benchmarks."""
    names = [found.name for found in pkgutil.iter_modules(tests.benchmarks.__path__)]
    return [name for name in names if name not in {"__main__", "measuring"}]


def measured(names: Iterable[str], **given: Any) -> Iterator[Row]:
    """The rows of these benchmarks; ``cases`` and ``data`` go to those that are about cases."""
    for name in names:
        measure = importlib.import_module(f"tests.benchmarks.{name}").measure
        taken = inspect.signature(measure).parameters
        yield from measure(**{name: value for name, value in given.items() if name in taken})


def as_json(row: Row) -> dict[str, object]:
    fields = {field.name: getattr(row, field.name) for field in dataclasses.fields(Row)}
    fields |= {"ratio": row.ratio, "met": row.met}
    order = ("name", "value", "unit", "floor", "ratio", "goal", "met")
    return {name: fields[name] for name in order}


def as_line(row: Row) -> str:
    side = {"at most": "≤", "at least": "≥"}[row.better]
    unit = f" {row.unit}" if row.bounds == "value" else ""
    return COLUMNS.format(
        row.name,
        f"{row.value:,.4g}",
        row.unit,
        "" if row.floor is None else f"{row.floor:,.4g}",
        "" if row.ratio is None else f"{row.ratio:,.2f}",
        "" if row.goal is None else f"{side} {row.goal:g}{unit}",
        {None: "", True: "met", False: "MISSED"}[row.met],
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="desk bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"one or more of: {', '.join(benchmarks())}")
    parser.add_argument("--json", action="store_true", help="print JSON rows instead of a table")
    parser.add_argument(
        "--cases", type=int, metavar="N", help="how many cases, where it is about cases"
    )
    parser.add_argument(
        "--data",
        type=data_folder,
        metavar="FOLDER",
        help="measure in this demo office, not in a new one",
    )
    try:
        options = parser.parse_args(arguments)
    except DeskError as error:
        parser.error(Words("en").error(error))
    if options.cases is not None and options.cases < 2_000:
        parser.error("--cases: 2,000 or more")
    unknown = set(options.name) - set(benchmarks())
    if unknown:
        parser.error(f"no benchmark of this name: {', '.join(sorted(unknown))}")
    if not options.json:
        print(COLUMNS.format("name", "value", "unit", "floor", "ratio", "goal", ""))
    usual = [name for name in benchmarks() if name not in ONLY_BY_NAME]
    given = {name: value for name in ("cases", "data") if (value := vars(options)[name])}
    rows = []
    for row in measured(options.name or usual, **given):
        rows.append(row)
        if not options.json:
            print(as_line(row), flush=True)
    if options.json:
        print(json.dumps([as_json(row) for row in rows], indent=1))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
