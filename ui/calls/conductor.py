"""Takes a contact from the ring to its save: the use cases behind the intake page."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer

from desk_app.calls import service as calls
from desk_app.calls import views as call_views
from desk_app.calls.endings import usual_end
from desk_app.calls.form import ContactForm, Draft
from desk_app.calls.rules import AnnouncedBy, EventKind
from desk_app.cases import service as case_service
from desk_app.cases import views as case_views
from desk_app.cases.linking import service as linking
from desk_app.cases.pages import SavedContact
from desk_app.cases.types import views as type_views
from desk_app.customers.pages import CustomerCard
from desk_app.customers.rules import Answer
from desk_app.errors import DeskError
from desk_app.hours import views as hours_views
from desk_app.hours.views import HoursStatus
from desk_app.people.access import Actor
from desk_app.purposes import views as purposes
from desk_app.purposes.views import AnnouncementView
from desk_app.recordings.recorder import Recorder
from desk_app.storage.unit_of_work import UnitOfWork
from ui.calls.beginning import Beginning
from ui.calls.contact import Contact, contact_view, start_view
from ui.calls.draft_keeper import DraftKeeper
from ui.calls.ending_watch import ANSWER_SECONDS
from ui.calls.likely import Likely
from ui.calls.line import Line
from ui.calls.opting_out import OptingOut
from ui.calls.page import IntakePage
from ui.calls.recognition import Recognition, likely_case
from ui.calls.recording import MakeRecorder
from ui.calls.unfinished import UnfinishedContacts
from ui.help_calls.calling import HelpCalling
from ui.session import Session
from ui.status_bar import RecordingState
from ui.texts.picker import TextInserter

_TICK_MS = 250
_HOURS_EVERY_MS = 15_000


class IntakeConductor(QObject):
    """A child of its page. One contact at a time; the idle lock waits while there is one.

    ``answer_seconds`` is how long the question whether a call is over waits for its answer.
    """

    def __init__(
        self,
        session: Session,
        *,
        make_recorder: MakeRecorder = Recorder,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.page = IntakePage(session.look)
        super().__init__(self.page)
        self._session = session
        self._clock = session.desk.office.clock
        self._contact: Contact | None = None
        self._status: HoursStatus | None = None
        self._refused: DeskError | None = None
        office = session.desk.office
        self.beginning = Beginning(session, self)
        self.line = Line(
            session,
            self.page.contact.bar,
            self,
            make_recorder=make_recorder,
            answer_seconds=answer_seconds,
        )
        self.help = HelpCalling(
            session,
            self.page.contact.bar.help_line,
            self.line.recording,
            self,
            owner=self.page,
        )
        self.drafts = DraftKeeper(session, office.drafts, self._draft, self)
        self.recognition = Recognition(
            session, self, contact_id=lambda: self._contact.contact_id if self._contact else None
        )
        self.likely = Likely(session, self)
        self.opting_out = OptingOut(
            session,
            self.page.contact,
            self.recognition,
            self,
            contact=lambda: self._contact,
        )
        self.unfinished = UnfinishedContacts(session, self.drafts, self)
        contact = self.page.contact
        self.texts = TextInserter(
            session,
            contact,
            (contact.matter.text, contact.matter.answer),
            customer_name=lambda: contact.caller.name.text(),
        )
        self._ticks, self._hours = QTimer(self), QTimer(self)
        self._ticks.timeout.connect(self._on_tick)
        self._hours.timeout.connect(self._read_hours)
        self._hours.start(_HOURS_EVERY_MS)
        self._connect()
        self._read_hours()
        self._read_types()
        self.unfinished.look()

    @classmethod
    def page_for(cls, session: Session) -> IntakePage:
        """The page, with its conductor attached."""
        return cls(session).page

    def _connect(self) -> None:
        start, contact, bar = self.page.start, self.page.contact, self.page.contact.bar
        start.call_wanted.connect(self.beginning.take_call)
        start.outbound_wanted.connect(self.beginning.call)
        start.late_entry_wanted.connect(self.beginning.enter_late)
        start.written_wanted.connect(self.beginning.enter_written)
        self.beginning.begun.connect(lambda contact: self._show_contact(contact, ContactForm()))
        self.beginning.refused.connect(self._on_not_started)
        self.beginning.entered.connect(self._on_entered)
        self.page.rang_again.connect(self.line.ring)
        start.resume_wanted.connect(self.unfinished.resume)
        contact.changed.connect(self._on_form_changed)
        contact.save_wanted.connect(self._on_save_wanted)
        contact.caller.identified.connect(self._look_up)
        contact.known.announced.connect(self._on_announced)
        contact.known.objected.connect(self.line.objection.want)
        contact.known.join_wanted.connect(self._on_join_wanted)
        contact.known.likely.dismissed.connect(self.likely.dismiss)
        self.likely.changed.connect(self._show)
        bar.match_chosen.connect(self.recognition.choose)
        bar.hang_up_wanted.connect(self._on_hang_up_wanted)
        bar.injury_wanted.connect(self._on_injury_wanted)
        bar.help_wanted.connect(self.help.want)
        self.help.noted.connect(lambda kind: self.line.note(EventKind(kind)))
        self.recognition.changed.connect(self._on_form_changed)
        self.recognition.confirmed.connect(self._on_confirmed)
        self.opting_out.changed.connect(self._on_form_changed)
        self.line.changed.connect(self._show)
        self.line.over.connect(self._on_over)
        self.unfinished.changed.connect(self._show)
        self.unfinished.resumed.connect(self._on_resumed)
        self.page.leaving.connect(self._on_leaving)
        self._session.changed.connect(self._on_changed)
        self._session.reading_changed.connect(self._on_reading_changed)

    # Beginning

    def _on_not_started(self, error: Exception) -> None:
        if isinstance(error, DeskError) and error.code == "hours.closed":
            self._refused = error  # the page itself says why, and when it opens
            self._read_hours()
        else:
            self._session.notices.error(error)

    def _show_contact(self, contact: Contact, form: ContactForm) -> None:
        self._refused, self._contact = None, contact
        self.page.subject = ("contact", contact.contact_id) if contact.contact_id else None
        contact.engaged.enter_context(self._session.desk.idle.call())
        self.recognition.clear()
        self.likely.clear()
        self._load(form)
        if isinstance(form.customer, int):
            self.recognition.load(form.customer)
        if contact.is_running:
            self._ticks.start(_TICK_MS)
            self._on_tick()
        self.line.take_up(contact, self._recording_at_first(contact))
        self.help.take_up(contact)
        if contact.is_entered:
            self._prepare_recording(contact)
        else:
            self.beginning.enter(contact)
            if contact.is_running:
                self._session.notices.say("ui_intake.begun_without_server", tone="warning")
        self._show()
        self._look_up()
        self._look_for_likely()
        self.drafts.save()

    def _recording_at_first(self, contact: Contact) -> RecordingState:
        if not contact.is_running:
            return "off"
        return "waiting" if contact.is_entered else "unreachable"

    def _prepare_recording(self, contact: Contact) -> None:
        if contact.is_running:
            self.line.recording.prepare()
            self._session.read(
                self,
                purposes.current_announcement,
                outbound=contact.outbound,
                done=self._on_announcement,
            )

    def _on_entered(self, contact: Contact) -> None:
        """The server is back, and the books have it: from now on it can be recorded."""
        if contact is not self._contact:
            return
        self.line.take_up(contact, self._recording_at_first(contact))
        self._prepare_recording(contact)
        self._show()
        self.drafts.save()

    def _on_announcement(self, announcement: AnnouncementView) -> None:
        contact = self._contact
        if contact is None or announcement.outbound != contact.outbound:
            return
        contact.announcement = announcement
        self._show()
        if not contact.outbound and self._session.settings.settings.calls.exchange_announces:
            self._on_announced(AnnouncedBy.EXCHANGE)

    def _on_resumed(self, contact: Contact, form: ContactForm) -> None:
        if self._contact is not None:
            return
        self._show_contact(contact, form)
        if contact.is_running:
            self.line.note(EventKind.WINDOW_RECOVERED)
            self.line.take_up(contact, contact.recording_after_crash())

    # While it goes on

    def _on_announced(self, by: str) -> None:
        contact = self._contact
        if contact is None or contact.announcement is None or contact.announced_by is not None:
            return
        if not contact.is_running or contact.objected:
            return
        contact.announced_by = AnnouncedBy(by)
        self._show()

        def failed(error: Exception) -> None:
            contact.announced_by = None
            self._session.notices.error(error)
            self._show()

        self._session.change(
            self,
            calls.confirm_announcement,
            contact.contact_id,
            announcement_id=contact.announcement.id,
            by=contact.announced_by,
            done=lambda _none: self.line.recording.begin(contact.contact_id),
            failed=failed,
        )

    def _on_injury_wanted(self) -> None:
        self.line.note(EventKind.INJURY_REPORTED)
        self.page.contact.matter.set_category("accident")
        self._session.notices.say("ui_intake.injury_noted", tone="info")

    def _on_hang_up_wanted(self) -> None:
        if self.line.ending.is_asking:
            self.line.ending.is_over()  # a hang-up is an answer, too
        else:
            self._hang_up(self._clock.now())

    def _on_over(self, ended_at: datetime) -> None:
        """It was over before it was asked: what was recorded since then goes."""
        self._hang_up(ended_at, drop_surplus=True)

    def _hang_up(self, ended_at: datetime, *, drop_surplus: bool = False) -> None:
        contact = self._contact
        if contact is None or not contact.is_running:
            return
        contact.is_running = False
        self._ticks.stop()
        self.help.call_over()
        self.line.hang_up(drop_surplus=drop_surplus)

        def hang_up(actor: Actor, work: UnitOfWork) -> None:
            calls.hang_up(actor, work, contact.contact_id, ended_at=ended_at)

        self._session.surely(hang_up, failed=partial(self._on_not_hung_up, contact))
        self._show()
        self.page.contact.ending.enter()

    def _on_not_hung_up(self, contact: Contact, error: Exception) -> None:
        """It is not on record, so the key stays good; without it the contact can't be saved."""
        contact.is_running = True
        self._session.notices.error(error)
        self._show()

    def _on_join_wanted(self, case_id: int) -> None:
        contact = self._contact
        if contact is not None:
            contact.join_case_id = None if contact.join_case_id == case_id else case_id
            self._show()

    def _on_confirmed(self, card: CustomerCard) -> None:
        """Fill in what the operator has not asked or written; the caller may be somebody else."""
        caller = self.page.contact.caller
        if caller.party.currentData() != "customer":
            return
        for control, value in ((caller.name, card.name), (caller.reading, card.reading)):
            if control.value().answer is Answer.NOT_ASKED and value.text:
                control.fill_in(value)

    def _look_up(self) -> None:
        contact = self._contact
        if contact is not None:
            form = self.page.contact.form()
            self.recognition.look_up(
                number=contact.number.e164 or form.callback_number.text,
                name=form.caller_name.text,
                reading=form.caller_reading.text,
            )

    def _look_for_likely(self) -> None:
        contact, customer = self._contact, self.recognition.customer
        if contact is not None:
            form = self.page.contact.form()
            self.likely.look_for(
                number=contact.number.e164 or form.callback_number.text,
                text="\n".join(inquiry.text for inquiry in form.inquiries),
                customer_id=customer.customer_id if customer else None,
            )

    # Saving

    def _on_save_wanted(self) -> None:
        contact = self._contact
        if contact is None or contact.is_running or contact.is_saving:
            return
        form = self.page.contact.form()
        ending = usual_end(form, join_case_id=contact.join_case_id)
        if ending is None:
            return
        self.drafts.save()
        contact.is_saving = True
        self._show()
        desk = self._session.desk

        def send(save: Callable[..., SavedContact]) -> None:
            self._session.sure.start(
                # The same save again gives the same answer: who doesn't hear it may ask twice.
                lambda: desk.perform(save, contact.contact_id, form, ending),
                done=partial(self._on_saved, contact),
                failed=self._session.unless_asked(
                    self,
                    case_service.save_contact,
                    (form,),
                    again=send,
                    failed=partial(self._on_not_saved, contact, form),
                ),
                waits=partial(self._on_save_waits, contact),
            )

        send(case_service.save_contact)

    def _on_save_waits(self, contact: Contact) -> None:
        """It is saved when the server is back; until then its draft has it, and the next call can
        be taken."""
        if contact is self._contact:
            self._put_away(contact)
            self._session.notices.say("ui_intake.saved_later", tone="warning")

    def _on_not_saved(self, contact: Contact, form: ContactForm, error: Exception) -> None:
        contact.is_saving = False
        self._session.notices.error(error)
        if contact is not self._contact:
            self.unfinished.add(contact.draft(form))
        self._show()

    def _put_away(self, contact: Contact) -> None:
        contact.engaged.close()
        self._contact = self.page.subject = None
        self.help.put_down()
        self.line.put_down()
        self.recognition.clear()
        self.likely.clear()
        self._load(ContactForm())  # nothing of this caller stays behind the start panel
        self._read_hours()
        self._read_types()
        self._show()

    def _on_saved(self, contact: Contact, saved: SavedContact) -> None:
        self.drafts.drop(contact.uid)
        if contact is self._contact:
            if saved.case_id is not None:
                self._tell_apart(saved.case_id, contact)
            self._put_away(contact)

        def numbers(actor: Actor, work: UnitOfWork) -> tuple[str | None, str | None]:
            case = None
            if saved.case_id is not None:
                case = case_views.case_number(actor, work, saved.case_id)
            return call_views.contact_number(actor, work, saved.contact_id), case

        if self._session.may_read:
            self._session.read(self, numbers, done=self._say_saved)
        else:
            self._session.notices.say("ui_intake.saved_write_only")

    def _tell_apart(self, case_id: int, contact: Contact) -> None:
        """What was said to be another matter isn't offered on the new case's page again."""
        if contact.join_case_id is None:
            for other_id in sorted(self.likely.dismissed):
                self._session.change(self, linking.tell_apart, case_id, other_id=other_id)

    def _say_saved(self, numbers: tuple[str | None, str | None]) -> None:
        contact, case = numbers
        key = "ui_intake.saved_case" if case else "ui_intake.saved_contact"
        self._session.notices.say(key, contact=contact, case=case)

    # Showing

    def _load(self, form: ContactForm) -> None:
        self.page.contact.load(form, now=self._clock.now().astimezone(self._session.zone))

    def _draft(self) -> Draft | None:
        contact = self._contact
        if contact is None or contact.is_saving:
            return None
        return contact.draft(self.page.contact.form())

    def _on_form_changed(self) -> None:
        self._show()
        self._look_for_likely()
        self.drafts.touch()

    def _on_tick(self) -> None:
        if self._contact is not None:
            elapsed = self._clock.ticks() - self._contact.began_ticks
            self.page.contact.bar.show_time(int(elapsed))

    def _read_hours(self) -> None:
        if not self._session.desk.is_locked:
            self._session.read(self, hours_views.status, done=self._on_hours)

    def _read_types(self) -> None:
        """What the office calls its types; typing never waits for it."""
        if not self._session.desk.is_locked:
            self._session.read(
                self, type_views.types_in_force, done=self.page.contact.matter.show_types
            )

    def _on_hours(self, status: HoursStatus) -> None:
        self._status = status
        if status.takes_calls:
            self._refused = None
        self._show()

    def _on_changed(self, changes: tuple[object, ...]) -> None:
        if any(getattr(change, "kind", "") in ("calendar", "permit") for change in changes):
            self._read_hours()
        if any(getattr(change, "kind", "") == "case_type" for change in changes):
            self._read_types()

    def _on_reading_changed(self, may_read: bool) -> None:
        """While nothing may be read, a call goes on write-only: what the office knows of the
        customer goes from the screen, and what was just said is not heard again."""
        self.page.contact.caller.cover(covered=not may_read)
        if may_read:
            self.recognition.know_again()
            self._look_up()
        else:
            self.line.recording.stop_listening_back()
            self.recognition.forget_what_is_known()
            self.likely.forget()
        self._show()

    def _on_leaving(self) -> None:
        self.drafts.save()
        self.help.put_down()
        self.line.recording.close()
        if self._contact is not None:
            self._contact.engaged.close()

    def _show(self) -> None:
        status = self._status
        if status is None:
            return
        if self._contact is None:
            self.page.present_start(
                start_view(
                    status,
                    now=self._clock.now().astimezone(self._session.zone),
                    refused=self._refused,
                    unfinished=self.unfinished.drafts() if self._session.may_read else (),
                )
            )
        else:
            self.page.present_contact(
                contact_view(
                    self._contact,
                    self.page.contact.form(),
                    status,
                    recording=self.line.recording.state,
                    recognition=self.recognition,
                    may_read=self._session.may_read,
                    likely=likely_case(self.likely.offer),
                    may_discard=self.line.objection.may_discard,
                    language=self._session.look.language.language,
                )
            )
            self.page.contact.bar.attention.present(self.line.attention())
