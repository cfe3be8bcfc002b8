"""What a customer agreed to, opted out of and had stopped, said in words."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from desk_app.purposes.consents.pages import ConsentRow, ConsentState, CustomerUses
from desk_app.purposes.rules import Block, Scope
from desk_app.purposes.uses import SaidDay, SaidReason
from desk_app.words import Words
from ui.colours import Tone


def day(at: datetime, zone: ZoneInfo) -> SaidDay:
    """A day on the office's calendar."""
    return SaidDay(at.astimezone(zone).date())


def said_block(block: Block, words: Words, zone: ZoneInfo) -> str:
    """What was stopped, since when and why."""
    return words(
        "ui_purposes.stopped",
        what=said_stops(block, words),
        since=day(block.since, zone),
        reason=SaidReason(block.reason),
    )


def said_stops(block: Block, words: Words) -> str:
    """Which uses a block stops."""
    acts = _listed((words(f"purposes.act.{one}") for one in sorted(block.stops.acts)), words)
    purposes = _listed(_named(block.stops.purposes, words), words)
    if not acts and not purposes:
        return words("ui_purposes.every_use")
    if not purposes:
        return acts
    return words(
        "ui_purposes.acts_for", acts=acts or words("ui_purposes.every_use"), purposes=purposes
    )


def said_scope(scope: Scope, words: Words, named: str = "") -> str:
    """What a consent is about: purposes, the named use, mailings, recipients."""
    parts = [*_named(scope.purposes, words), *([named] if named else [])]
    parts += [words(f"purposes.topic.{one}") for one in sorted(scope.topics)]
    said = _listed(parts, words)
    if scope.recipients:
        kinds = (words(f"purposes.recipient.{one}") for one in sorted(scope.recipients))
        return words("ui_purposes.to_recipients", scope=said, recipients=_listed(kinds, words))
    return said


def said_consent(row: ConsentRow, words: Words) -> str:
    return said_scope(row.scope, words, row.named_use.say(words) if row.named_use else "")


def said_briefly(uses: CustomerUses, words: Words, zone: ZoneInfo) -> str:
    """One line for who is on the line; empty if there is nothing to say."""
    parts = [said_block(block, words, zone) for block in uses.blocks]
    if uses.opt_outs:
        topics = _listed((words(f"purposes.topic.{one.topic}") for one in uses.opt_outs), words)
        since = day(min(one.since for one in uses.opt_outs), zone)
        parts.append(words("ui_purposes.opted_out", topics=topics, since=since))
    standing = [one for one in uses.consents if one.state is not ConsentState.WITHDRAWN]
    if standing:
        said = _listed((said_consent(one, words) for one in standing), words)
        parts.append(words("ui_purposes.consented", what=said))
    return words("ui_purposes.between").join(parts)


def tone_of(uses: CustomerUses) -> Tone:
    """How loudly it is said."""
    if uses.blocks:
        return "danger"
    return "warning" if uses.opt_outs else "info"


def _named(purposes: Iterable[str], words: Words) -> list[str]:
    return [words(f"purposes.purpose.{one}") for one in sorted(purposes)]


def _listed(parts: Iterable[str], words: Words) -> str:
    return words("ui_purposes.comma").join(parts)
