"""Every room's tables in one place, so that the schema can be made and compared as a whole."""

from sqlalchemy import MetaData

import desk_app.audit.chain
import desk_app.audit.model
import desk_app.audit.server
import desk_app.backup.model
import desk_app.calls.model
import desk_app.cases.approval.model
import desk_app.cases.attachments.model
import desk_app.cases.bulk.model
import desk_app.cases.deadlines.due_of_cases
import desk_app.cases.deadlines.model
import desk_app.cases.details.model
import desk_app.cases.linking.model
import desk_app.cases.model
import desk_app.cases.presence.model
import desk_app.cases.tags.model
import desk_app.cases.tasks.model
import desk_app.cases.tasks.promised
import desk_app.cases.texts.model
import desk_app.cases.types.model
import desk_app.customers.model
import desk_app.help_calls.model
import desk_app.hours.model
import desk_app.people.model
import desk_app.privacy.controls.model
import desk_app.privacy.disclosure.model
import desk_app.privacy.erasure.model
import desk_app.privacy.inspections.model
import desk_app.privacy.leaks.model
import desk_app.privacy.originals.model
import desk_app.privacy.provisions.model
import desk_app.privacy.registers.model
import desk_app.privacy.requests.model
import desk_app.privacy.retention.model
import desk_app.purposes.holds.model
import desk_app.purposes.model
import desk_app.recordings.model
import desk_app.sealed.model
import desk_app.search.model
import desk_app.search.saved.model
import desk_app.sensitive.gate
import desk_app.storage.model  # noqa: F401 -- imported for their tables
from desk_app.storage.base import Base


def metadata() -> MetaData:
    """The tables of all rooms."""
    return Base.metadata
