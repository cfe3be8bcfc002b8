"""Whether a folder lies on another machine: asked of the system, never guessed from its name.

SQLite's write-ahead log is memory that all who have the file open share, which only works on one
machine: on a network share two desks would destroy the database, and one could lose it with the
connection. Drives that a network only carries (iSCSI, a network block device) are local ones.
"""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desk_app.errors import Refused

_MOUNTS = Path("/proc/self/mountinfo")
_SHARED = frozenset(
    """
    9p acfs afs afpfs auristorfs beegfs ceph cifs coda cvfs davfs fhgfs gfs gfs2 glusterfs
    gpfs kafs lustre mmfs ncp ncpfs nfs nfs4 nfsd ocfs2 orangefs panfs prl_fs pvfs2 shfs
    smb2 smb3 smbfs vboxsf virtiofs vmhgfs webdav drvfs
    """.split()  # noqa: SIM905 -- read as prose
)
_SHARED_FUSE = frozenset(
    """
    afpfs blobfuse blobfuse2 ceph ceph-fuse cephfs curlftpfs davfs dropbox gcsfuse glusterfs
    goofys google-drive-ocamlfuse grpcfuse gvfsd-fuse httpfs jfs juicefs lizardfs mfs
    mfsmount mount.davfs moosefs nfs onedrive osxfs portal rclone s3fs s3ql seaweedfs
    smbnetfs sshfs vmhgfs-fuse wdfs
    """.split()  # noqa: SIM905 -- read as prose
)
"""What Linux calls file systems of other machines, of clusters, and of the host of a virtual
machine, whose memory isn't shared either."""

_OCTAL = re.compile(rb"\\([0-7]{3})")
_DRIVE_REMOTE = 4
_MNT_LOCAL = 0x1000


@dataclass(frozen=True, slots=True)
class Mount:
    """Where something is mounted, and the kind of its file system."""

    point: str
    kind: str

    @property
    def is_shared(self) -> bool:
        kind, _, own = self.kind.partition(".")
        return own in _SHARED_FUSE if kind in ("fuse", "fuseblk") and own else kind in _SHARED


def refuse_share(folder: Path) -> None:
    """``Refused("folder.on_share")`` if a database in this folder would lie on another machine.

    The folder, or what of its path exists, is followed through links and bind mounts.
    """
    kind = share_kind(folder)
    if kind is not None:
        raise Refused("folder.on_share", folder=folder, kind=kind)


def share_kind(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """What kind of share the folder lies on; None on a drive of this machine, and where the
    system doesn't say."""
    there = Path(os.path.realpath(folder))
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        there.stat()  # what is mounted on demand is there from now on
        if sys.platform == "win32":
            return _on_windows(there)
        if sys.platform == "darwin":
            return _on_mac(there)
        found = mount_of(str(there), mounts.read_bytes())
    except OSError:
        return None
    return found.kind if found is not None and found.is_shared else None


def mount_of(path: str, mountinfo: bytes) -> Mount | None:
    """What a resolved path lies on: the innermost mount above it, the latest where two are at one
    place. ``mountinfo`` is the text of ``/proc/self/mountinfo`` (proc(5))."""
    found: Mount | None = None
    for mount in _mounts(mountinfo):
        inside = mount.point.rstrip("/") + "/"
        if (path + "/").startswith(inside) and (
            found is None or len(mount.point) >= len(found.point)
        ):
            found = mount
    return found


def _mounts(mountinfo: bytes) -> Iterator[Mount]:
    for line in mountinfo.split(b"\n"):
        before, dash, after = line.partition(b" - ")
        fields, kinds = before.split(b" "), after.split(b" ")
        if dash and len(fields) >= 6:
            yield Mount(_plain(fields[4]), _plain(kinds[0]))


def _plain(field: bytes) -> str:
    return os.fsdecode(_OCTAL.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), field))


if sys.platform == "win32":
    import ctypes

    def _on_windows(folder: Path) -> str | None:
        if str(folder).startswith("\\\\") and not str(folder).startswith("\\\\?\\"):
            return "UNC"
        root = ctypes.create_unicode_buffer(1024)
        kernel = ctypes.windll.kernel32
        if not kernel.GetVolumePathNameW(str(folder), root, len(root)):
            return None
        return "remote" if kernel.GetDriveTypeW(root) == _DRIVE_REMOTE else None

elif sys.platform == "darwin":
    import ctypes

    def _on_mac(folder: Path) -> str | None:
        """``statfs(2)`` with 64-bit inodes: flags at byte 64, the kind's name at 72."""
        room = ctypes.create_string_buffer(4096)
        library = ctypes.CDLL(None)
        call = getattr(library, "statfs$INODE64", None) or library.statfs
        if call(os.fsencode(folder), room):
            return None
        flags = int.from_bytes(room.raw[64:68], "little")
        return None if flags & _MNT_LOCAL else room.raw[72:88].split(b"\0")[0].decode("ascii")
