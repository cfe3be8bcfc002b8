"""The contact that is being taken, and what the page is shown of it."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from desk_app.calls.endings import JoinCase, impossible_next, usual_end
from desk_app.calls.form import ContactForm, Draft
from desk_app.calls.rules import AnnouncedBy, Channel
from desk_app.customers.rules import Number, NumberState
from desk_app.errors import DeskError
from desk_app.hours.views import HoursStatus
from desk_app.purposes.views import AnnouncementView
from desk_app.words import Language
from ui.calls.recognition import Recognition
from ui.calls.view import ContactView, LikelyCase, StartView, Unfinished
from ui.status_bar import RecordingState

NO_NUMBER = Number("", "", NumberState.UNAVAILABLE)


@dataclass(slots=True)
class Contact:
    """The contact on screen, beside what is written into the form."""

    uid: str
    channel: Channel
    received_at: datetime
    contact_id: int  # 0 until the office's books have it: the server was away when it began
    is_running: bool
    outbound: bool = False
    number: Number = NO_NUMBER
    announcement: AnnouncementView | None = None
    announced_by: AnnouncedBy | None = None
    objected: bool = False
    has_sound: bool = False  # something was recorded before this window took it up
    join_case_id: int | None = None
    is_saving: bool = False
    began_ticks: float = 0.0
    engaged: ExitStack = field(default_factory=ExitStack)

    def draft(self, form: ContactForm) -> Draft:
        """All it takes to go on after a crash."""
        return Draft(
            uid=self.uid,
            channel=self.channel,
            received_at=self.received_at,
            contact_id=self.contact_id or None,
            number_shown=self.number.shown,
            number_state=self.number.state,
            outbound=self.outbound,
            form=form,
        )

    @property
    def is_entered(self) -> bool:
        """The office's books have it."""
        return self.contact_id != 0

    @property
    def may_record(self) -> bool:
        """Somebody is on the line who has heard the announcement and doesn't mind."""
        return self.is_running and self.announced_by is not None and not self.objected

    def recording_after_crash(self) -> RecordingState:
        """The recorder ended with the window, paused or not: another part can be begun."""
        if self.objected:
            return "objected"
        return "interrupted" if self.announced_by is not None else "waiting"


def start_view(
    status: HoursStatus,
    *,
    now: datetime,
    refused: DeskError | None,
    unfinished: tuple[Draft, ...],
) -> StartView:
    """Between two contacts; ``now`` is in the office's zone."""
    return StartView(
        is_open=status.is_open,
        takes_calls=status.takes_calls,
        hours=status.say,
        now=now,
        refused=(lambda words: words.error(refused)) if refused else None,
        unfinished=tuple(
            Unfinished(draft.uid, draft.channel, draft.received_at.astimezone(now.tzinfo))
            for draft in unfinished
        ),
    )


def contact_view(
    contact: Contact,
    form: ContactForm,
    status: HoursStatus,
    *,
    recording: RecordingState,
    recognition: Recognition,
    may_read: bool,
    likely: LikelyCase | None,
    may_discard: bool,
    language: Language,
) -> ContactView:
    """While it is written down. The script is read in the language of the screen."""
    customer = recognition.customer
    cases = customer.cases if customer else ()
    joinable = (*cases, likely.case) if likely else cases
    join = next((one for one in joinable if one.case_id == contact.join_case_id), None)
    ending = usual_end(form, join_case_id=join.case_id if join else None)
    scripts = contact.announcement.scripts if contact.announcement else {}
    by, telephone = contact.announced_by, contact.channel is Channel.TELEPHONE
    reason = impossible_next(
        form, on_record=recognition.answers, number_shown=bool(contact.number.e164)
    )
    return ContactView(
        channel=contact.channel,
        is_running=contact.is_running,
        outbound=contact.outbound,
        number=contact.number.shown,
        number_key=f"customers.number_state.{contact.number.state}" if telephone else "",
        recording=recording,
        script=scripts.get(language) or scripts.get("ja", ""),
        announced_key=f"calls.announced_by.{by}" if by else "",
        objected=contact.objected,
        may_discard=may_discard,
        hours=status.say,
        hours_briefly=status.say_briefly,
        is_open=status.takes_calls,
        matches=recognition.matches,
        no_match=recognition.no_match,
        customer=customer,
        likely=likely,
        join_case=join if ending is None or isinstance(ending, JoinCase) else None,
        save_key=f"ui_intake.save_{ending.kind}" if ending else "",
        is_saving=contact.is_saving,
        write_only=not may_read,
        opts_out=form.opts_out,
        impossible=reason.say if reason else None,
    )
