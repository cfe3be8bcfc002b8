"""Settings come back as they were saved, and a broken file is set aside, never guessed at."""

import dataclasses
from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk_app.errors import Fault, Refused
from desk_app.settings import (
    LONGEST_TEXT,
    SETTINGS_FILE,
    Calls,
    Inputs,
    Server,
    Settings,
    Sound,
    Theme,
    load,
    save,
)
from desk_app.words import LANGUAGES
from tests.surroundings import no_room_beyond

in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
text = st.text(max_size=60).filter(str.isprintable)
any_settings = st.builds(
    Settings,
    desk_id=text,
    language=st.sampled_from(LANGUAGES),
    theme=st.sampled_from(Theme),
    idle_minutes=st.integers(1, 240),
    sound=st.builds(
        Sound, inputs=st.sampled_from(Inputs), operator=text, caller=text, stereo=text, output=text
    ),
    calls=st.builds(Calls, pause_seconds=st.integers(10, 300), exchange_announces=st.booleans()),
    server=st.none()
    | st.builds(Server, host=text, database=text, authority=text, port=st.integers(1, 65535)),
)


@given(chosen=any_settings)
@in_one_folder
def test_what_is_saved_comes_back(tmp_path: Path, chosen: Settings) -> None:
    save(tmp_path, chosen)
    assert load(tmp_path) == chosen


def test_the_first_load_gives_the_desk_its_name_for_good(tmp_path: Path) -> None:
    first = load(tmp_path)
    assert load(tmp_path) == first
    assert dataclasses.replace(first, desk_id="") == Settings(desk_id="")


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ('language = "fr"', "language"),
        ("language = 1", "language"),
        ('theme = "blue"', "theme"),
        ('colour = "blue"', "colour"),
        ("idle_minutes = 0", "idle_minutes"),
        ("idle_minutes = true", "idle_minutes"),
        ("idle_minutes = 1.5", "idle_minutes"),
        ('sound = "loud"', "sound"),
        ("[sound]\nloudness = 3", "sound.loudness"),
        ("[calls]\npause_seconds = 301", "calls.pause_seconds"),
        ("[calls]\npause_seconds = 9", "calls.pause_seconds"),
        ("[calls]\nexchange_announces = 1", "calls.exchange_announces"),
        ('[calls]\nexchange_announces = "yes"', "calls.exchange_announces"),
        ('[sound]\noperator = "a\\u0000b"', "sound.operator"),
        (f'[sound]\noperator = "{"x" * (LONGEST_TEXT + 1)}"', "sound.operator"),
        ('[server]\nhost = "db"\ndatabase = "desk"', "server.authority"),
        ('[server]\nhost="db"\ndatabase="desk"\nauthority="a"\nport = 70000', "server.port"),
    ],
)
def test_a_mistake_is_named_and_the_file_kept(tmp_path: Path, written: str, place: str) -> None:
    (tmp_path / SETTINGS_FILE).write_text(written, "utf-8")
    with pytest.raises(Refused, match=r"settings\.mistake") as refused:
        load(tmp_path)
    assert str(refused.value.params["place"]) == place
    assert (tmp_path / str(refused.value.params["kept"])).read_text("utf-8") == written
    assert load(tmp_path).language == "ja"


toml_values = st.recursive(
    st.text(max_size=5) | st.integers() | st.booleans() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
names = st.sampled_from([f.name for f in dataclasses.fields(Settings)]) | st.text(max_size=3)


@given(
    written=st.binary(max_size=200)
    | st.dictionaries(names, toml_values, max_size=3).map(lambda t: tomli_w.dumps(t).encode())
    | st.just(b"a=" + b"[" * 100_000)
)
@in_one_folder
def test_any_file_is_read_or_refused_and_kept(tmp_path: Path, written: bytes) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes(written)
    try:
        read = load(tmp_path)
    except Refused as refused:
        kept = str(refused.params["kept"])
    else:
        save(tmp_path, read)
        assert load(tmp_path) == read
        return
    assert (tmp_path / kept).read_bytes() == written
    assert not (tmp_path / SETTINGS_FILE).exists()


def test_a_full_disk_leaves_the_settings_as_they_were(tmp_path: Path) -> None:
    before = load(tmp_path)
    long_name = dataclasses.replace(before, sound=Sound(operator="マイク" * 200))
    with pytest.raises(Fault, match=r"files\.disk_full"), no_room_beyond(500):
        save(tmp_path, long_name)
    assert load(tmp_path) == before


def test_settings_that_are_a_folder_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).mkdir()
    with pytest.raises(Fault, match=r"settings\.cannot_read"):
        load(tmp_path)
