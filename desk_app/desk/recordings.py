"""What a desk does with the recordings that lie here: settled, rewrapped, compared with calls."""

from collections.abc import Callable
from typing import Any

from desk_app.desk.holder import Holder
from desk_app.keys import accounts
from desk_app.keys.grants import GrantKind
from desk_app.people import views as people_views
from desk_app.people.access import Permission
from desk_app.recordings.reconciliation.running import check_copies, reconcile
from desk_app.recordings.recovery import settle
from desk_app.recordings.rotation.copies import rewrap_all
from desk_app.recordings.rotation.rewrapping import Rewrapped
from desk_app.recordings.stores.fetching import clear as clear_fetched


class Recordings:
    """Looks after recordings as the person who is signed in; ``perform`` and ``read`` are
    `Desk.perform` and `Desk.read`. Each takes as long as its files do: never on the Qt thread."""

    def __init__(
        self, holder: Holder, perform: Callable[..., Any], read: Callable[..., Any]
    ) -> None:
        self._holder = holder
        self._perform, self._read = perform, read

    def identities(self) -> dict[int, str]:
        """The identities that recordings are addressed to, by version, as the keyring grants them
        now: also what was rotated, given or taken back since this person signed in."""
        granted = self._holder.granted_now(accounts.granted_now)
        return {
            name.version: secret
            for name, secret in granted.items()
            if name.kind is GrantKind.RECORDINGS
        }

    def settle(self) -> None:
        """Enter or salvage what a crash left of recordings here; once after signing in.

        Takes seconds for each hour of remains. `Fault` for a disk that takes no more.
        """
        office = self._holder.office
        clear_fetched(office.fetched)
        settle(office.recordings, self.identities(), perform=self._perform, read=self._read)

    def rewrap(self) -> Rewrapped:
        """Hand the recordings that lie here or in a store on to the key in use; once after
        signing in, and after each rotation. Takes as long as copying them. `Fault` for a full
        disk."""
        office = self._holder.office
        return rewrap_all(
            office.recordings,
            office.fetched,
            self.identities(),
            perform=self._perform,
            read=self._read,
        )

    def compare(
        self,
        *,
        tell: Callable[[float], object] = lambda _share: None,
        is_stopped: Callable[[], bool] = lambda: False,
        again: bool = False,
    ) -> None:
        """Check this desk's recordings, compare calls and recordings of the days due if this
        person may, and read back what is due of the copies in stores. Nothing for those who have
        nothing to do with calls. `reconciliation.running`.
        """
        permissions = self._read(people_views.own_account).permissions
        if Permission.FINISH_CALL in permissions:
            reconcile(
                self._holder.office.recordings,
                perform=self._perform,
                read=self._read,
                tell=tell,
                is_stopped=is_stopped,
                with_rows=Permission.RECONCILE_RECORDINGS in permissions,
                again=again,
            )
            check_copies(
                self._holder.office.fetched,
                perform=self._perform,
                read=self._read,
                is_stopped=is_stopped,
                again=again,
            )
