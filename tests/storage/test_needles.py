"""Many byte strings looked for at once: exactly those that stand there are found."""

from hypothesis import given
from hypothesis import strategies as st

from desk_app.storage.needles import Needles

FEW = st.binary(max_size=3).map(lambda some: bytes(65 + one % 3 for one in some))
TEXT = st.lists(FEW, max_size=40).map(b"".join)


@given(data=TEXT, wanted=st.sets(TEXT.filter(bool), max_size=12), cuts=st.data())
def test_found_is_what_stands_there_wherever_it_stands(
    data: bytes, wanted: set[bytes], cuts: st.DataObject
) -> None:
    if data:
        at = cuts.draw(st.integers(0, len(data) - 1))
        wanted = wanted | {data[at : at + cuts.draw(st.integers(1, 20))]}
    looked = Needles(wanted)
    assert looked.found_in(data) == {one for one in wanted if one in data}
    assert looked.longest == max(map(len, wanted), default=0)


def test_a_hundred_thousand_are_looked_for_at_once() -> None:
    wanted = {f"value {number:06}".encode() for number in range(100_000)}
    there = sorted(wanted)[::1000]
    data = b"\xff".join(there) * 10 + bytes(1 << 20)
    assert Needles(wanted).found_in(data) == set(there)
