"""Plausible cases by the hundred thousand, written past the services: for benchmarks.

Nine in ten are Japanese. Which words a case holds follows a rank law, as in real inquiries: a
few are in every other case, most are rare. The same seed gives the same cases.
"""

import atexit
import itertools
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, insert

from desk_app.calls.model import Contact, Inquiry
from desk_app.cases.deadlines.model import CaseDeadline, CasePause
from desk_app.cases.model import Case, CaseContact
from desk_app.clock import FixedClock
from desk_app.customers.model import ContactPoint, Customer
from desk_app.people.access import Actor, Role, UserId
from desk_app.people.model import Appointment, Person, User, UserRole
from desk_app.schema import metadata
from desk_app.search import index
from desk_app.storage.engines import encrypted_file
from desk_app.storage.unit_of_work import UnitOfWork, open_work

BATCH = 2_000
STATES = ("new", "in_progress", "waiting", "closed")
FIRST_DAY = datetime(2020, 1, 6, 1, 0, tzinfo=UTC)

_SYLLABLES = "かきくけこさしすせそたちつてとなにはひまみらりるれん"
_KATAKANA = "アイウエオカキクコサシスタチトナニハフマミラリルレロン"
_KANJI = "品刃柄鍋包丁研欠割購入店交換返送料箱傷錆汚説明書部庫発注文届日数色型番号電池充音熱水漏"
_ENGLISH = ("knife", "blade", "handle", "broken", "return", "refund", "order", "parcel", "box")
_GERMAN = ("Messer", "Klinge", "Griff", "zurück", "Größe", "Paket", "Rost", "schärfen")
_FAMILIES = (
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡邊",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
)
_GIVEN = ("花子", "一郎", "美咲", "健太", "陽菜", "翔太", "さくら", "大輔", "直美", "誠")
_COMMON = ["お問い合わせ", "商品", "返品", "購入", "について", "ご案内", "いたしました", "お客様"]


def _vocabulary(chance: random.Random, size: int) -> list[str]:
    words = list(_COMMON)
    while len(words) < size:
        signs = chance.choice((_KANJI, _KANJI, _KATAKANA, _SYLLABLES))
        words.append("".join(chance.choices(signs, k=chance.randint(2, 5))))
    return words


def texts(count: int, *, seed: int = 1) -> Iterator[str]:
    """So many inquiries of about 200 characters."""
    chance = random.Random(seed)
    words = _vocabulary(chance, 20_000)
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))
    for n in range(count):
        if n % 10 == 0:
            latin = _ENGLISH if n % 20 else _GERMAN
            yield " ".join(chance.choices(latin, k=30)) + f" {n:06d}."
        else:
            chosen = chance.choices(words, cum_weights=weights, k=60)
            yield "、".join("".join(chosen[at : at + 6]) for at in range(0, 60, 6)) + "。"


@dataclass(frozen=True, slots=True)
class SyntheticOffice:
    """An encrypted file full of indexed cases, and an operator who may read them."""

    engine: Engine
    actor: Actor

    def work(self, *, reading: bool = True) -> UnitOfWork:
        clock = FixedClock(datetime(2026, 6, 10, 1, 30, tzinfo=UTC))
        return open_work(self.engine, clock, reading=reading)


@cache
def office_of(cases: int) -> SyntheticOffice:
    """An office with so many cases; made once in a process, gone when it ends."""
    folder = TemporaryDirectory()
    engine = encrypted_file(Path(folder.name) / "office.db", secrets.token_bytes(32))
    atexit.register(folder.cleanup)
    atexit.register(engine.dispose)
    metadata().create_all(engine)
    office = SyntheticOffice(engine, Actor(UserId(1), "desk-1"))
    with office.work(reading=False) as work:
        write_operator(work)
        write_cases(work, cases)
        work.commit()
    with office.work(reading=False) as work:
        index.rebuild(work)
        work.commit()
    return office


def write_operator(work: UnitOfWork) -> None:
    """The one user of the office, with id 1."""
    at = FIRST_DAY
    work.session.execute(insert(Person), [{"id": 1, "name": "担当 一", "created_at": at}])
    account = {"id": 1, "person_id": 1, "login": "one", "keyring_id": "1", "recipient": ""}
    work.session.execute(insert(User), [account | {"verify_key": "", "created_at": at}])
    role = {"user_id": 1, "role": Role.OPERATOR.value, "granted_at": at}
    work.session.execute(insert(UserRole), [role])
    appointment = {"user_id": 1, "appointed_by": 1, "starts_at": at, "pledged_on": at}
    work.session.execute(insert(Appointment), [appointment | {"trained_on": at}])


def write_cases(work: UnitOfWork, count: int, *, seed: int = 1) -> None:
    """Write ``count`` cases with customer, number, contact and inquiry; ids count from 1.

    They are not indexed yet.
    """
    chance = random.Random(seed)
    session = work.session
    numbered = enumerate(texts(count, seed=seed), 1)
    for batch in iter(lambda: list(itertools.islice(numbered, BATCH)), []):
        rows: dict[type, list[dict[str, object]]] = {
            kind: []
            for kind in (
                Customer,
                ContactPoint,
                Case,
                CaseDeadline,
                CasePause,
                Contact,
                CaseContact,
                Inquiry,
            )
        }
        for n, text in batch:
            at = FIRST_DAY + timedelta(minutes=15 * n)
            due_at = at + timedelta(days=7)
            name = f"{chance.choice(_FAMILIES)} {chance.choice(_GIVEN)}"
            number = f"{chance.choice(('090', '080', '070'))}{chance.randrange(10**8):08d}"
            rows[Customer].append(
                {"id": n, "version": 1, "name": name, "name_sort": name, "created_at": at}
            )
            rows[ContactPoint].append(
                {
                    "id": n,
                    "customer_id": n,
                    "kind": "telephone",
                    "value": number,
                    "normal": "+81" + number[1:],
                    "created_at": at,
                }
            )
            rows[Case].append(
                {
                    "id": n,
                    "version": 1,
                    "number": f"{at.year}-{n:06d}",
                    "case_type": "question",
                    "state": (state := chance.choice(STATES)),
                    "subject": text[:40],
                    "customer_id": n,
                    "opened_at": at,
                    "opened_by": 1,
                    "due_at": due_at if state not in ("closed", "waiting") else None,
                }
            )
            rows[CaseDeadline].append(
                {
                    "id": n,
                    "case_id": n,
                    "kind": "resolution",
                    "episode": 1,
                    "started_at": at,
                    "minutes": 5 * 360,
                    "due_at": due_at if state != "waiting" else None,
                    "met_at": at if state == "closed" else None,
                    "provisional": False,
                    "calendars": [[at.isoformat(), at.isoformat()]],
                }
            )
            if state == "waiting":
                rows[CasePause].append({"case_id": n, "begins_at": at})
            rows[Contact].append(
                {
                    "id": n,
                    "version": 1,
                    "uid": f"synthetic-{n}",
                    "channel": "telephone",
                    "state": "saved",
                    "received_at": at,
                    "operator_id": 1,
                    "desk_id": "desk-1",
                }
            )
            rows[CaseContact].append({"case_id": n, "contact_id": n, "joined_at": at})
            rows[Inquiry].append(
                {"id": n, "contact_id": n, "case_id": n, "position": 0, "text": text}
            )
        for kind, written in rows.items():
            if written:
                session.execute(insert(kind), written)
