import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.errors import Refused
from desk_app.keys.passwords import check_password
from desk_app.people.login import first_password, normalise_login


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Hanako", "hanako"), (" ＨＡＮＡＫＯ ", "hanako"), ("花子", "花子"), ("Jürgen", "jürgen")],
)
def test_width_case_and_spaces_around_do_not_matter(typed: str, kept: str) -> None:
    assert normalise_login(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "two words", "tab\tbed", "x" * 65, "nul\0"])
def test_what_cannot_be_typed_again_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="login_malformed"):
        normalise_login(typed)


@given(st.text(max_size=80))
def test_a_login_that_was_kept_is_found_by_itself(typed: str) -> None:
    try:
        kept = normalise_login(typed)
    except Refused:
        return
    assert normalise_login(kept) == kept


def test_first_passwords_differ_and_are_good_enough() -> None:
    made = {first_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        check_password(password, login="jiro")
