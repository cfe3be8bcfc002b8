"""A stored text as the reviewer reads it, with places that lead back to the stored one."""

from desk_app.sensitive.placeholders import spans_in


class ShownText:
    """``text`` has ``said`` for each placeholder."""

    def __init__(self, stored: str = "", said: str = "") -> None:
        pieces: list[str] = []
        self._jumps: list[tuple[int, int, int, int]] = []  # stored from, to, shown from, to
        at = shown_at = 0
        for start, end in spans_in(stored):
            pieces += [stored[at:start], said]
            begin = shown_at + start - at
            shown_at = begin + len(said)
            self._jumps.append((start, end, begin, shown_at))
            at = end
        self.text = "".join([*pieces, stored[at:]])

    def in_shown(self, at: int) -> int:
        """Where a place of the stored text is in the shown one."""
        for start, end, begin, until in reversed(self._jumps):
            if at >= end:
                return at - end + until
            if at > start:
                return begin
        return at

    def in_stored(self, at: int, *, is_end: bool) -> int:
        """Where a place of the shown text is in the stored one: around a whole placeholder."""
        for start, end, begin, until in reversed(self._jumps):
            if at >= until:
                return at - until + end
            if at > begin:
                return end if is_end else start
        return at
