"""The benchmark driver's own arithmetic and output; what it measures isn't a test."""

import json
from collections.abc import Iterable, Iterator

import pytest

from tests.benchmarks import __main__ as driver
from tests.benchmarks.measuring import Row


@pytest.mark.parametrize(
    ("row", "ratio", "met"),
    [
        (Row("a", 3.0, "ms", floor=2.0, goal=1.5), 1.5, True),
        (Row("a", 3.2, "ms", floor=2.0, goal=1.5), 1.6, False),
        (Row("a", 11.0, "ops/s", floor=20.0, goal=0.55, better="at least"), 0.55, True),
        (Row("a", 10.0, "ops/s", floor=20.0, goal=0.55, better="at least"), 0.5, False),
        (Row("a", 50.0, "ms", floor=20.0, goal=50, bounds="value"), 2.5, True),
        (Row("a", 50.1, "ms", goal=50, bounds="value"), None, False),
        (Row("a", 10.0, "ops/s"), None, None),
        (Row("a", 10.0, "ops/s", floor=20.0), 0.5, None),
    ],
)
def test_a_goal_is_met_from_its_side(row: Row, ratio: float | None, met: bool | None) -> None:
    assert row.ratio == pytest.approx(ratio)
    assert row.met is met


def test_json_rows_have_the_promised_fields(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Row("a.b", 3.0, "ms", floor=2.0, goal=1.0), Row("c", 1.0, "s")]
    monkeypatch.setattr(driver, "measured", lambda names, **given: iter(rows))
    assert driver.main(["--json"]) == 1  # a goal was missed
    first, second = json.loads(capsys.readouterr().out)
    assert list(first) == ["name", "value", "unit", "floor", "ratio", "goal", "met"]
    assert first["met"] is False
    assert second["goal"] is None


def test_every_benchmark_can_be_found_and_an_unknown_one_is_refused() -> None:
    assert {"age", "hours"} <= set(driver.benchmarks())
    with pytest.raises(SystemExit, match="2"):
        driver.main(["nothing"])


def test_what_takes_half_an_hour_is_run_by_its_name_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run: list[str] = []

    def measured(names: Iterable[str], **given: object) -> Iterator[Row]:
        run.extend(names)
        return iter(())

    monkeypatch.setattr(driver, "measured", measured)
    driver.main([])
    assert "loss" in run
    assert "soak" not in run
    run.clear()
    driver.main(["soak"])
    assert run == ["soak"]
