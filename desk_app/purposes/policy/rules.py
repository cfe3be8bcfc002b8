"""What a version of the policy may say. Pure."""

from collections.abc import Mapping
from datetime import date

from desk_app import text
from desk_app.errors import Refused
from desk_app.purposes.policy.pages import Said, VersionForm, VersionState
from desk_app.words import LANGUAGES


def check_version(form: VersionForm, *, today: date, latest: date | None) -> None:
    """`Refused` with the first thing that is wrong; ``latest`` is the last approved version's."""
    if not text.line(form.label, field="label"):
        raise Refused("purposes.version_needs_label")
    if form.effective_on < today:
        raise Refused("purposes.version_in_past", today=today)
    if latest is not None and form.effective_on < latest:
        raise Refused("purposes.version_before_another", other=latest)
    if not form.purposes:
        raise Refused("purposes.version_without_purpose")
    check_said(form.texts, "purposes.version_needs_text")
    check_said(form.changes, "purposes.version_needs_changes")
    for announcement in form.announcements:
        check_said(announcement.scripts, "purposes.version_needs_script")
        if not announcement.uses:
            raise Refused("purposes.announcement_needs_use")
    if not form.widened_purposes <= form.purposes or not (
        form.widened_recipients <= form.recipients
    ):
        raise Refused("purposes.version_widens_unnamed")


def check_said(said: Said, code: str) -> None:
    """`Refused` unless something is said in every language."""
    if not all(said.get(one, "").strip() for one in LANGUAGES):
        raise Refused(code)


def cleaned(said: Said, *, field: str) -> dict[str, str]:
    """A text in each language, fit to be kept."""
    return {one: text.prose(said[one], field=field) for one in LANGUAGES}


def state_of(
    decision: str | None, effective_on: date, *, today: date, is_current: bool
) -> VersionState:
    """Where a version stands."""
    if decision is None:
        return VersionState.AWAITS_APPROVAL
    if decision != "approved":
        return VersionState.DECLINED
    if effective_on > today:
        return VersionState.TO_COME
    return VersionState.IN_FORCE if is_current else VersionState.REPLACED


def carried_over(
    purposes: Mapping[str, dict[str, str]],
    named: frozenset[str],
    known: Mapping[str, dict[str, str]],
) -> dict[str, dict[str, str]]:
    """The texts of the purposes that a version names, as they last were."""
    return {letter: purposes.get(letter) or known.get(letter) or {} for letter in sorted(named)}
