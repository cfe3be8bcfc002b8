"""The third-party notices name what is locked and what is shipped, no more and no less."""

import re

from tests.source import ROOT

NOTICES = (ROOT / "resources" / "notices" / "THIRD-PARTY.md").read_text("utf-8")


def test_every_locked_package_has_its_licence() -> None:
    lock = (ROOT / ".lock" / "run.txt").read_text("utf-8")
    locked = sorted(set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)))
    installed = NOTICES.split("## Installed with it")[1].split("##")[0]
    rows = re.findall(r"^\| ([a-z0-9-]+) \| ([^|]+) \|", installed, re.MULTILINE)
    assert [name for name, _ in rows if name != "package"] == locked


def test_every_shipped_licence_text_is_there() -> None:
    shipped = NOTICES.split("## Shipped")[1].split("##")[0]
    texts = re.findall(r"resources/\S+\.txt", shipped)
    assert texts
    for text in texts:
        assert (ROOT / text).read_text("utf-8").strip()
