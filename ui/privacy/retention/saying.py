"""Rules in words, for the preview and the list of rules."""

from desk_app.privacy.retention.rules import COUNTED, Count, Rule
from desk_app.words import Words


def period(words: Words, rule: Rule) -> str:
    """How long, from what, and what else it keeps."""
    count = COUNTED[rule.kind]
    said = words(f"retention.counted.{count}", months=rule.months)
    if count is Count.KEEP_UNTIL and not rule.months:
        said = words("retention.by_each_record")
    if not rule.also:
        return said
    kinds = [words(f"retention.kind.{kind}") for kind in sorted(rule.also)]
    return words("retention.reaches", period=said, kinds=words("retention.and").join(kinds))
