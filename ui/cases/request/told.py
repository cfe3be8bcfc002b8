"""What a step of a request tells of itself, in the language of the screen."""

from datetime import datetime
from zoneinfo import ZoneInfo

from desk_app.privacy.requests.law import Entry
from desk_app.privacy.requests.pages import CheckRow, RequestPage
from desk_app.privacy.requests.rules import Agency, Outcome, State
from ui.look import Look


class Telling:
    """Says what was done in a step; nothing if nothing was."""

    def __init__(self, look: Look, zone: ZoneInfo) -> None:
        self._look, self._zone = look, zone

    def done(self, page: RequestPage, step: str) -> str:
        lines: list[str]
        match step:
            case "opened":
                lines = self._opened(page)
            case "identity":
                lines = [self._check(one) for one in page.checks]
            case "decision":
                lines = self._decided(page)
            case "approval":
                lines = self._approved(page)
            case "execution":
                lines = self._by(page.executed_by, page.executed_at)
            case "notice":
                lines = self._by(page.told_by, page.told_at)
                if page.told_how is not None:
                    lines.append(self._look.words(f"requests.told.{page.told_how}"))
            case _:
                lines = self._ended(page)
        return "\n".join(line for line in lines if line)

    def _opened(self, page: RequestPage) -> list[str]:
        words = self._look.words
        lines = [
            words(
                "ui_requests.told_received",
                when=self._when(page.received_at),
                who=page.received_by,
            ),
            words(
                "ui_requests.told_law",
                source=page.law.say_source(words),
                medium=words(f"requests.medium.{page.medium}"),
            ),
        ]
        if page.agency is not Agency.SELF:
            agency = words(f"requests.agency.{page.agency}")
            lines.append(f"{agency}: {page.agent_name}")
        if not page.is_on_record:
            lines.append(words("ui_requests.told_unknown"))
        if page.fee_yen:
            fee = words("requests.yen", yen=words.number(page.fee_yen))
            key = "ui_requests.told_fee" if page.fee_paid_at is None else "ui_requests.told_paid"
            lines.append(words(key, fee=fee))
        return [*lines, page.wanted]

    def _check(self, one: CheckRow) -> str:
        words = self._look.words
        result = words("ui_requests.told_proven" if one.proven else "ui_requests.told_failed")
        party = words(f"requests.party.{one.party}")
        papers = self._joined(one.authority)
        said = f"{party}: {one.method.say(words)} – {result} ({self._when(one.at)}, {one.by})"
        return "\n    ".join(part for part in (said, papers, one.note) if part)

    def _decided(self, page: RequestPage) -> list[str]:
        if page.outcome is None or page.outcome is Outcome.TURNED_AWAY:
            return []
        return [*self._outcome(page), *self._by(page.decided_by, page.decided_at)]

    def _outcome(self, page: RequestPage) -> list[str]:
        words = self._look.words
        lines = [words(f"requests.outcome.{page.outcome}")]
        for ground in page.grounds:
            lines.append(f"{ground.say(words)} ({ground.say_source(words)})")
        return [*lines, page.reasons]

    def _approved(self, page: RequestPage) -> list[str]:
        """What is agreed to stands there before it is, as long as it isn't."""
        if page.outcome is None:
            return []
        if page.approved_at is None:
            return [*self._outcome(page), *self._by(page.decided_by, page.decided_at)]
        turned = self._outcome(page) if page.outcome is Outcome.TURNED_AWAY else []
        return [*turned, *self._by(page.approved_by, page.approved_at)]

    def _ended(self, page: RequestPage) -> list[str]:
        words = self._look.words
        if page.state is State.WITHDRAWN or (page.state is State.CLOSED and page.told_at is None):
            last = [step for step in page.steps if step.act == "withdraw"]
            return [words("requests.act.withdraw"), *(step.text for step in last[-1:])]
        if page.closed_at is not None:
            return [words("ui_requests.told_closed", when=self._when(page.closed_at))]
        return []

    def _by(self, who: str | None, at: datetime | None) -> list[str]:
        if who is None or at is None:
            return []
        return [self._look.words("ui_requests.told_by", when=self._when(at), who=who)]

    def _joined(self, entries: tuple[Entry, ...]) -> str:
        words = self._look.words
        return words("requests.list_comma").join(one.say(words) for one in entries)

    def _when(self, at: datetime) -> str:
        return self._look.language.when(at.astimezone(self._zone), "day_and_time")
