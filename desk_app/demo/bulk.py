"""Invented cases by the hundred thousand, written past the services, batch by batch.

Nine in ten are Japanese. Which words a case holds follows a rank law, as in real inquiries: a
few are in every other case, most are rare. A batch is the same for the same seed, so that what
was interrupted goes on where it stopped.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from sqlalchemy import insert, select, update

from desk_app.calls.numbering import contact_number
from desk_app.calls.rules import Channel, ContactState, Disposition, NextStep, Party
from desk_app.cases.numbering import case_number
from desk_app.cases.rules import CaseState, EntryKind, TargetKind
from desk_app.customers.rules import Answer, name_key, sort_key
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.schema import metadata
from desk_app.storage.unit_of_work import UnitOfWork

BATCH = 2_000

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


def vocabulary(chance: Random, size: int) -> list[str]:
    words = list(_COMMON)
    while len(words) < size:
        signs = chance.choice((_KANJI, _KANJI, _KATAKANA, _SYLLABLES))
        words.append("".join(chance.choices(signs, k=chance.randint(2, 5))))
    return words


@cache
def _weighted() -> tuple[list[str], list[float]]:
    words = vocabulary(Random(1), 20_000)  # noqa: S311 -- repeatable, and no secret
    return words, list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))


def texts(chance: Random, first: int, count: int) -> Iterator[str]:
    """Inquiries of about 200 characters, numbered from ``first`` where they show it."""
    words, weights = _weighted()
    for n in range(first, first + count):
        if n % 10 == 0:
            latin = _ENGLISH if n % 20 else _GERMAN
            yield " ".join(chance.choices(latin, k=30)) + f" {n:06d}."
        else:
            chosen = chance.choices(words, cum_weights=weights, k=60)
            yield "、".join("".join(chosen[at : at + 6]) for at in range(0, 60, 6)) + "。"


_TARGET, _TARGET_MINUTES = timedelta(days=7), 5 * 360
_FINISHED = (CaseState.CLOSED,) * 97 + (CaseState.RESOLVED, CaseState.WAITING, CaseState.NEW)


def write_batch(
    work: UnitOfWork,
    *,
    first: int,
    count: int,
    at: Callable[[int], datetime],
    staff: Sequence[int],
    desk_id: str,
    seed: int = 1,
    states: Sequence[CaseState] = _FINISHED,
) -> None:
    """Write cases ``first`` to ``first + count - 1`` with customer, number, contact, call, inquiry
    and timeline, numbered by the counters; ``at`` tells when each was opened.

    Their ids, and those of their customers and contacts, are these numbers. Not indexed yet.
    """
    chance = Random(f"{seed}:{first}")  # noqa: S311 -- repeatable, and no secret
    rows: dict[str, list[dict[str, Any]]] = {}
    years, days = (counts(work, name) for name in ("case_counter", "contact_counter"))
    answered, silent = Answer.ANSWERED.value, Answer.NOT_ASKED.value
    for n, text in enumerate(texts(chance, first, count), first):
        opened = at(n)
        name = f"{chance.choice(_FAMILIES)} {chance.choice(_GIVEN)}"
        number = f"{chance.choice(('090', '080', '070'))}{chance.randrange(10**8):08d}"
        normal = "+81" + number[1:]
        state, user = chance.choice(states), chance.choice(staff)
        years[f"{opened:%Y}"] += 1
        days[f"{opened:%Y%m%d}"] += 1
        closed, awaited = state is CaseState.CLOSED, state is CaseState.WAITING
        settled, due_at = closed or state is CaseState.RESOLVED, opened + _TARGET
        if awaited:
            rows.setdefault("case_pause", []).append({"case_id": n, "begins_at": opened})
        for table, row in (
            (
                "customer",
                {
                    "id": n,
                    "version": 1,
                    "name": name,
                    "name_answer": answered,
                    "name_key": name_key(name),
                    "name_sort": sort_key(name, ""),
                    "reading_answer": silent,
                    "created_at": opened,
                },
            ),
            (
                "contact_point",
                {
                    "customer_id": n,
                    "kind": "telephone",
                    "value": number,
                    "normal": normal,
                    "answer": answered,
                    "created_at": opened,
                },
            ),
            (
                "desk_case",
                {
                    "id": n,
                    "version": 1,
                    "number": case_number(f"{opened:%Y}", years[f"{opened:%Y}"]),
                    "case_type": "question",
                    "state": state.value,
                    "subject": text[:40],
                    "customer_id": n,
                    "opened_at": opened,
                    "opened_by": user,
                    "due_at": None if settled or awaited else due_at,
                    "resolved_at": opened if settled else None,
                    "closed_at": opened if closed else None,
                    "closed_by": user if closed else None,
                },
            ),
            (
                "case_deadline",
                {
                    "case_id": n,
                    "kind": TargetKind.RESOLUTION.value,
                    "episode": 1,
                    "started_at": opened,
                    "minutes": _TARGET_MINUTES,
                    "due_at": None if awaited else due_at,
                    "met_at": opened if settled else None,
                    "calendars": [[opened.isoformat(), opened.isoformat()]],
                },
            ),
            (
                "contact",
                {
                    "id": n,
                    "version": 1,
                    "uid": f"{chance.getrandbits(128):032x}",
                    "number": contact_number(f"{opened:%Y%m%d}", days[f"{opened:%Y%m%d}"]),
                    "channel": Channel.TELEPHONE.value,
                    "state": ContactState.SAVED.value,
                    "received_at": opened,
                    "saved_at": opened,
                    "operator_id": user,
                    "desk_id": desk_id,
                    "customer_id": n,
                    "caller_name": name,
                    "caller_name_answer": answered,
                    "caller_reading_answer": silent,
                    "party": Party.CUSTOMER.value,
                    "next_step": NextStep.NONE.value,
                    "disposition": Disposition.ANSWERED.value,
                    "purpose": USUAL_PURPOSE.value,
                },
            ),
            ("case_contact", {"case_id": n, "contact_id": n, "joined_at": opened}),
            ("inquiry", {"contact_id": n, "case_id": n, "position": 0, "text": text}),
            (
                "timeline_entry",
                {
                    "case_id": n,
                    "at": opened,
                    "user_id": user,
                    "kind": EntryKind.OPENED.value,
                    "particulars": {"contact_id": n},
                },
            ),
        ):
            rows.setdefault(table, []).append(row)
    for kind in metadata().sorted_tables:  # parents first
        if kind.name in rows:
            work.session.execute(insert(kind), rows[kind.name])
    for name, last in (("case_counter", years), ("contact_counter", days)):
        keep_counts(work, name, last)


def counts(work: UnitOfWork, name: str) -> Counter[str]:
    """The last number of each period, of a table of counters."""
    table = metadata().tables[name]
    return Counter(dict(work.session.execute(select(table.c.period, table.c.last)).all()))


def keep_counts(work: UnitOfWork, name: str, reached: Counter[str]) -> None:
    """Put the counters to what was reached."""
    table, known = metadata().tables[name], counts(work, name)
    for period, last in reached.items():
        if period not in known:
            work.session.execute(insert(table).values(period=period, last=last))
        elif known[period] != last:
            work.session.execute(update(table).where(table.c.period == period).values(last=last))
