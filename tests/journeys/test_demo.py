"""``desk demo`` on a machine without a screen: the whole day, and what it leaves behind."""

import os
import subprocess
import sys
from pathlib import Path

from pypdf import PdfReader
from PySide6.QtGui import QImage

ROOT = Path(__file__).parents[2]
PICTURES = ("sign-in", "call", "saved", "refused", "cases", "case", "playback")


def test_the_demo_without_a_screen_plays_the_whole_day(tmp_path: Path) -> None:
    temporary, home = tmp_path / "tmp", tmp_path / "home"
    temporary.mkdir()
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "QT_QPA_PLATFORM": "offscreen",
    }
    played = subprocess.run(
        [sys.executable, "-m", "desk_app", "demo", "--cases", "30", "--language", "en"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    assert "Traceback" not in played.stderr
    lines = played.stdout.splitlines()
    steps = [line for line in lines if line[:2].strip().isdigit()]
    assert [int(step[:2]) for step in steps] == list(range(1, len(steps) + 1))
    for said in ("recording runs", "12:30 is refused", "resolved and closed", "is played"):
        assert any(said in step for step in steps)

    (kept,) = temporary.iterdir()  # and nothing else: no data folder, no sound card, no speech
    assert str(kept) in lines[-1]
    (summary,) = kept.glob("*.pdf")
    text = "".join(page.extract_text() for page in PdfReader(summary).pages)
    squeezed = "".join(text.split())
    assert "爪切りのばねが外れました" in squeezed
    assert "代替品を発送し" in squeezed

    (recording,) = kept.glob("*.age")
    sealed = recording.read_bytes()
    assert sealed.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert len(sealed) > 4_000
    assert not any(mark in sealed for mark in (b"OggS", b"Opus", b"RIFF"))

    for picture, name in zip(sorted(kept.joinpath("screenshots").iterdir()), PICTURES, strict=True):
        assert name in picture.name
        shown = QImage(str(picture))
        assert (shown.width(), shown.height()) == (1280, 800)
        points = [(x, y) for x in range(0, 1280, 8) for y in range(0, 800, 4)]
        assert len({shown.pixel(x, y) for x, y in points}) > 20
    assert {one.name for one in kept.iterdir()} == {"screenshots", summary.name, recording.name}
