"""Invented customers and cases of the last eighteen months, the same for the same seed.

Written straight into the tables: thousands of calls through the services would take minutes.
Names, numbers and stories are made up; the telephone numbers are ones that nobody is given.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from sqlalchemy import func, insert, select

from desk_app.calls.numbering import contact_number
from desk_app.calls.rules import Channel, ContactState, Disposition, NextStep, Party
from desk_app.cases.numbering import case_number
from desk_app.cases.rules import CaseState, ClosingLevel, EntryKind
from desk_app.cases.types import case_type
from desk_app.customers.rules import Answer, NumberState, name_key, normalise_number, sort_key
from desk_app.demo.bulk import counts, keep_counts
from desk_app.demo.deadlines import kept_deadlines
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Role
from desk_app.people.views import users
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.schema import metadata
from desk_app.search.index import index_cases
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Language, resource_path

SPAN = timedelta(days=540)
LANGUAGES: tuple[tuple[Language, int], ...] = (("ja", 84), ("en", 8), ("de", 8))
"""Languages of customers with their share in percent."""

_PREFIXES: dict[Language, tuple[str, ...]] = {
    "ja": ("03-0", "06-0", "052-0", "090-0", "080-0", "070-0"),
    "en": ("+44 20 7946 0",),
    "de": ("+49 30 23125 ", "+49 221 4710 ", "+49 89 99998 "),
}


@dataclass(frozen=True, slots=True)
class _Customer:
    id: int
    language: Language
    name: str
    reading: str
    number: str


def fill(actor: Actor, work: UnitOfWork, /, *, cases: int, seed: int) -> None:
    """Add customers, contacts and cases of the last months, and index them.

    What there is already is older.
    """
    writer = _Writer(actor, work, Random(seed))  # noqa: S311 -- repeatable, and no secret
    writer.write(cases)
    first = writer.before["desk_case"] + 1
    index_cases(work, range(first, first + cases))


@cache
def _stories() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(resource_path("demo", "stories.json").read_text("utf-8"))
    return data


class _Writer:
    """Collects the rows of each table and writes them at the end, parents first."""

    def __init__(self, actor: Actor, work: UnitOfWork, random: Random) -> None:
        self.actor, self.work, self.random = actor, work, random
        self.calendar = open_calendar(work)
        staff = users(actor, work)
        self.operators = [row.user_id for row in staff if Role.OPERATOR in row.roles]
        self.supervisors = [row.user_id for row in staff if Role.SUPERVISOR in row.roles]
        self.tables = metadata().tables
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.told: dict[EntryKind, datetime] = {}  # of the case that is being made, the latest
        announcement = self.tables["announcement"]
        self.announcement_id = work.session.scalar(
            select(func.min(announcement.c.id)).where(~announcement.c.outbound)
        )
        self.before = {
            name: work.session.scalar(select(func.max(self.tables[name].c.id))) or 0
            for name in ("customer", "contact", "desk_case")
        }
        self.days = counts(work, "contact_counter")
        self.years = counts(work, "case_counter")
        self.customers: list[_Customer] = []

    def write(self, cases: int) -> None:
        start = self.work.now - SPAN
        minutes = self.calendar.hours.between(start, self.work.now)
        moments = sorted(self.random.uniform(0, minutes) for _ in range(cases))
        for moment in moments:
            at = self.calendar.hours.add(start, moment).replace(microsecond=0)
            self._case(at)
            if self.random.random() < 0.15:
                self._silent_call(at + timedelta(minutes=self.random.randint(4, 9)))
        for table in metadata().sorted_tables:  # parents first
            if rows := self.rows.pop(table.name, None):
                self.work.session.execute(insert(table), rows)
        keep_counts(self.work, "contact_counter", self.days)
        keep_counts(self.work, "case_counter", self.years)

    def _case(self, at: datetime) -> None:
        random = self.random
        customer = self._customer(at)
        story = random.choice(_stories()["stories"][customer.language])
        product = random.choice([p for p in _stories()["products"] if p["kind"] == story["kind"]])
        lot = f"{random.choice('ABCDEFGH')}{random.randint(0, 99_999):05d}"
        text = story["text"].format(product=product[customer.language])
        opening = random.choice(_stories()["openings"][customer.language])
        kind = case_type(self.work, story["category"])
        case_id = self.before["desk_case"] + len(self.rows["desk_case"]) + 1
        contact_id = self._contact(customer, at)
        self.rows["inquiry"].append(
            {
                "contact_id": contact_id,
                "case_id": case_id,
                "position": 0,
                "text": f"{text}\n{opening}",
                "answer": story["answer"],
                "product": product[customer.language],
                "lot": lot if story["symptom"] else "",
                "category": story["category"],
                "symptom": story["symptom"],
            }
        )
        year = self.calendar.local(at).strftime("%Y")
        self.years[year] += 1
        case: dict[str, Any] = {
            "id": case_id,
            "version": 1,
            "number": case_number(year, self.years[year]),
            "case_type": kind.key,
            "state": CaseState.NEW.value,
            "subject": text[:120],
            "customer_id": customer.id,
            "assignee_id": None,
            "opened_at": at,
            "opened_by": random.choice(self.operators),
            "due_at": None,
            "callback_due_at": None,
            "resolution": None,
            "resolution_text": "",
            "resolved_at": None,
            "closed_at": None,
            "closed_by": None,
            "spot_check": False,
            "stage": None,
            "approval_asked_at": None,
        }
        self.rows["desk_case"].append(case)
        self.rows["case_contact"].append(
            {"case_id": case_id, "contact_id": contact_id, "joined_at": at}
        )
        self.told.clear()
        self._tell(case, at, EntryKind.OPENED, contact_id=contact_id)
        self._work_on(case, story, customer.language, at, kind.closing_level)
        deadlines, pauses = kept_deadlines(self.calendar, self.work.now, case, kind, self.told)
        self.rows["case_deadline"] += deadlines
        self.rows["case_pause"] += pauses

    def _work_on(
        self,
        case: dict[str, Any],
        story: dict[str, str],
        language: Language,
        at: datetime,
        level: ClosingLevel,
    ) -> None:
        """Carry the case as far as one that old has come; few old ones stay open."""
        random, hours = self.random, self.calendar.hours
        if level is ClosingLevel.AT_ONCE:
            self._resolve(case, story, at)
            case["spot_check"] = True
            self._close(case, at, case["opened_by"])
            return
        taken = hours.add(at, random.randint(5, 240))
        if taken >= self.work.now:
            return
        case["state"], case["assignee_id"] = (
            CaseState.IN_PROGRESS.value,
            random.choice(self.operators + self.supervisors),
        )
        self._tell(case, taken, EntryKind.ASSIGNED, assignee_id=case["assignee_id"])
        noted = hours.add(taken, random.randint(20, 600))
        if noted >= self.work.now:
            return
        self._tell(case, noted, EntryKind.NOTE, random.choice(_stories()["notes"][language]))
        if case["id"] % 10 < 7:
            self._tell(case, noted, EntryKind.CUSTOMER_TOLD)
        done = hours.add(noted, random.randint(60, 3_000))
        if done >= self.work.now or random.random() < 0.02:
            if random.random() < 0.4:
                case["state"] = CaseState.WAITING.value
                self._tell(case, noted, EntryKind.WAITING)
            return
        self._resolve(case, story, done)
        checked = hours.add(done, random.randint(30, 900))
        if checked < self.work.now:
            by = self.supervisors if level.approvals else self.operators
            self._close(case, checked, random.choice(by))

    def _resolve(self, case: dict[str, Any], story: dict[str, str], at: datetime) -> None:
        case["state"], case["resolved_at"] = CaseState.RESOLVED.value, at
        case["resolution"], case["resolution_text"] = story["resolution"], story["answer"]
        self._tell(case, at, EntryKind.RESOLVED, story["answer"], resolution=story["resolution"])

    def _close(self, case: dict[str, Any], at: datetime, by: int) -> None:
        case["state"], case["closed_at"], case["closed_by"] = CaseState.CLOSED.value, at, by
        self._tell(case, at, EntryKind.CLOSED)

    def _tell(
        self,
        case: dict[str, Any],
        at: datetime,
        kind: EntryKind,
        text: str = "",
        **particulars: int | str,
    ) -> None:
        self.told[kind] = at
        self.rows["timeline_entry"].append(
            {
                "case_id": case["id"],
                "at": at,
                "user_id": case["assignee_id"] or case["opened_by"],
                "kind": kind.value,
                "text": text,
                "particulars": particulars,
            }
        )

    def _customer(self, at: datetime) -> _Customer:
        """A new customer, or now and then one who called before."""
        random = self.random
        if self.customers and random.random() < 0.25:
            return random.choice(self.customers)
        (language,) = random.choices(
            [name for name, _ in LANGUAGES], weights=[share for _, share in LANGUAGES]
        )
        names = _stories()["names"][language]
        family, given = random.choice(names["family"]), random.choice(names["given"])
        if language == "ja":
            name, reading = f"{family[0]} {given[0]}", f"{family[1]} {given[1]}"
        else:
            name, reading = f"{given} {family}", ""
        digits = 7 if language == "ja" else 3
        said = random.choice(_PREFIXES[language]) + f"{random.randrange(10**digits):0{digits}d}"
        number = normalise_number(said)
        customer_id = self.before["customer"] + len(self.customers) + 1
        customer = _Customer(customer_id, language, name, reading, number.shown)
        self.customers.append(customer)
        answered = Answer.ANSWERED.value
        self.rows["customer"].append(
            {
                "id": customer.id,
                "version": 1,
                "name": name,
                "name_answer": answered,
                "reading": reading,
                "reading_answer": answered if reading else Answer.NOT_ASKED.value,
                "name_key": name_key(name),
                "reading_key": name_key(reading),
                "name_sort": sort_key(name, reading),
                "created_at": at,
            }
        )
        self.rows["contact_point"].append(
            {
                "customer_id": customer.id,
                "kind": "telephone",
                "value": number.shown,
                "normal": number.e164,
                "answer": answered,
                "created_at": at,
            }
        )
        return customer

    def _contact(self, customer: _Customer, at: datetime) -> int:
        (channel,) = self.random.choices(
            (Channel.TELEPHONE, Channel.EMAIL, Channel.WEB_FORM, Channel.POSTCARD),
            weights=(82, 8, 7, 3),
        )
        contact_id = self._contact_row(
            at,
            channel,
            customer_id=customer.id,
            caller_name=customer.name,
            caller_name_answer=Answer.ANSWERED.value,
            caller_reading=customer.reading,
            caller_reading_answer=(Answer.ANSWERED if customer.reading else Answer.NOT_ASKED).value,
            disposition=Disposition.ANSWERED.value,
            purpose=USUAL_PURPOSE.value,
        )
        if channel is Channel.TELEPHONE:
            self._call_row(contact_id, at, customer.number)
        return contact_id

    def _silent_call(self, at: datetime) -> None:
        """A call that left nothing to do: counted, no customer, no case."""
        disposition = self.random.choice((Disposition.SILENT, Disposition.WRONG_NUMBER))
        contact_id = self._contact_row(
            at,
            Channel.TELEPHONE,
            customer_id=None,
            caller_name="",
            caller_name_answer=Answer.NOT_ASKED.value,
            caller_reading="",
            caller_reading_answer=Answer.NOT_ASKED.value,
            disposition=disposition.value,
            purpose=None,
        )
        self._call_row(contact_id, at, "")

    def _contact_row(self, at: datetime, channel: Channel, **fields: object) -> int:
        contact_id = self.before["contact"] + len(self.rows["contact"]) + 1
        day = self.calendar.local(at).strftime("%Y%m%d")
        self.days[day] += 1
        self.rows["contact"].append(
            {
                "id": contact_id,
                "version": 1,
                "uid": f"{self.random.getrandbits(128):032x}",
                "number": contact_number(day, self.days[day]),
                "channel": channel.value,
                "state": ContactState.SAVED.value,
                "received_at": at,
                "operator_id": self.random.choice(self.operators),
                "desk_id": self.actor.desk_id,
                "party": Party.CUSTOMER.value,
                "next_step": NextStep.NONE.value,
                "saved_at": at + timedelta(minutes=self.random.randint(3, 9)),
                **fields,
            }
        )
        return contact_id

    def _call_row(self, contact_id: int, at: datetime, shown: str) -> None:
        number = normalise_number(shown)
        self.rows["call"].append(
            {
                "contact_id": contact_id,
                "rang_at": at,
                "ended_at": at + timedelta(minutes=self.random.randint(1, 3)),
                "number_shown": number.shown,
                "number_normal": number.e164,
                "number_state": (NumberState.SHOWN if shown else NumberState.WITHHELD).value,
                "announcement_id": self.announcement_id,
                "announced_by": "exchange",
                "announced_at": at,
            }
        )
