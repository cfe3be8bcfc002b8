"""The policy and the announcements that a new office begins with, read from dated data."""

import json
from datetime import date

from desk_app.purposes.model import Announcement, PolicyVersion
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import resource_path


def enter_first_policy(work: UnitOfWork, *, office_name: str) -> None:
    """Enter the published policy, with the announcements that name its use of recordings.

    The scripts are kept as they will be read aloud, with the office's name in them.
    """
    text = resource_path("policy", "2022-04-01.json").read_text("utf-8")
    published = json.loads(text)
    effective_on = date.fromisoformat(published["effective_on"])
    version = PolicyVersion(
        label=published["label"], effective_on=effective_on, entered_at=work.now
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
