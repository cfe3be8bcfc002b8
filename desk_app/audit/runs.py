"""Many ids as the log keeps them: by runs, so that a whole export fits into one entry. Pure."""

from collections.abc import Iterable, Iterator, Sequence


def runs_of(ids: Iterable[int]) -> list[list[int]]:
    """Each run of ids that follow one another, as its first and last."""
    runs: list[list[int]] = []
    for one in sorted(set(ids)):
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    return runs


def ids_in(runs: Iterable[Sequence[int]]) -> Iterator[int]:
    """The ids that were kept as runs."""
    for first, last in runs:
        yield from range(first, last + 1)
