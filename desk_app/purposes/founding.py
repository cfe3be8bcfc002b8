"""The policy and the announcements that a new office begins with, read from dated data."""

import json
from datetime import date
from typing import Any

from desk_app.purposes.model import Announcement, PolicyVersion
from desk_app.purposes.versions import APPROVED
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import resource_path


def published_policy() -> dict[str, Any]:
    """The policy as it was first published, and what offices say of it to callers."""
    text = resource_path("policy", "2022-04-01.json").read_text("utf-8")
    published: dict[str, Any] = json.loads(text)
    return published


def enter_first_policy(work: UnitOfWork, *, office_name: str) -> None:
    """Enter the published policy, with the announcements that name its use of recordings.

    The scripts are kept as they will be read aloud, with the office's name in them.
    """
    published = published_policy()
    effective_on = date.fromisoformat(published["effective_on"])
    version = PolicyVersion(
        label=published["label"],
        effective_on=effective_on,
        entered_at=work.now,
        texts=published["texts"],
        changes=published["changes"],
        purposes=published["purposes"],
        recipients=published["recipients"],
        decision=APPROVED,  # it was in force before there was an office
        decided_at=work.now,
    )
    work.session.add(version)
    work.session.flush()
    work.session.add_all(
        Announcement(
            policy_version_id=version.id,
            label=one["label"],
            scripts={
                language: script.format(office=office_name)
                for language, script in one["scripts"].items()
            },
            uses=one["uses"],
            outbound=one["outbound"],
            effective_on=effective_on,
        )
        for one in published["announcements"]
    )
