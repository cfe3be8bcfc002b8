"""The words of a case that was merged are found under the case in which it goes on."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select

from desk_app.cases.linking.family import merged_into, survivor
from desk_app.cases.model import Case
from desk_app.storage.unit_of_work import UnitOfWork

_ASKED: BindParameter[Any] = bindparam("ids", expanding=True)
_MERGED = select(Case.id).where(
    Case.merged_into_id.is_not(None), or_(Case.id.in_(_ASKED), Case.merged_into_id.in_(_ASKED))
)
"""Those that were merged, of these cases and into them: mostly none, and one look is enough."""


def families_of(work: UnitOfWork, ids: Sequence[int]) -> dict[int, int]:
    """Every case whose words are wanted for these, and the case under which they are found:
    itself, unless it was merged."""
    merged = {*work.session.scalars(_MERGED, {"ids": list(ids)})}
    if not merged:
        return {id: id for id in sorted(ids)}
    heads = {survivor(work, id) if id in merged else id for id in ids}
    return {head: head for head in sorted(heads)} | merged_into(work, heads)


def one_for_each(families: Mapping[int, int], bodies: Mapping[int, str]) -> dict[int, str]:
    """One text for each family, its own words first."""
    lines: dict[int, list[str]] = {}
    for case_id, head in families.items():  # heads come first
        if case_id in bodies:
            lines.setdefault(head, []).append(bodies[case_id])
    return {head: "\n".join(texts) for head, texts in lines.items()}
