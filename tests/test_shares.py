"""Which folders lie on another machine, by what real systems say of their mounts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app import shares
from desk_app.clock import FixedClock
from desk_app.errors import Refused
from desk_app.moving.move import to_file
from desk_app.moving.restoring import restore
from desk_app.office import Office
from desk_app.shares import mount_of, refuse_share, share_kind
from tests.conftest import IN_HOURS
from tests.offices import ADMINISTRATOR, FOUNDING, OPERATOR, FoundedOffice, sign_in

RECORDED = rb"""22 28 0:20 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
23 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:14 - proc proc rw
28 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw,errors=remount-ro
31 28 0:26 / /run rw,nosuid,nodev,noexec,relatime shared:5 - tmpfs tmpfs rw,size=1600k,mode=755
90 28 8:17 / /media/stick rw,nosuid,nodev shared:40 - fuseblk /dev/sdb1 rw,user_id=0
95 28 0:44 / /mnt/office rw,relatime shared:50 - nfs4 files:/office rw,vers=4.2,proto=tcp
96 28 0:45 / /mnt/windows rw,relatime shared:51 - cifs //files/office rw,vers=3.1.1
97 28 0:46 / /home/sato/remote rw,nosuid,nodev,relatime - fuse.sshfs sato@files:/ rw,user_id=1000
98 28 0:44 /desks/1 /srv/desk rw,relatime shared:50 - nfs4 files:/office rw,vers=4.2
99 28 253:3 / /mnt/office/local rw,relatime - xfs /dev/mapper/office rw
100 28 43:0 / /mnt/nbd rw,relatime - ext4 /dev/nbd0 rw
101 28 0:50 / /mnt/with\040space\134x rw,relatime - 9p host rw,trans=virtio
102 28 0:51 / /run/user/1000/gvfs rw,nosuid,nodev - fuse.gvfsd-fuse gvfsd-fuse rw
103 28 0:52 / /mnt/twice rw - ext4 /dev/sdc1 rw
104 103 0:53 / /mnt/twice rw master:3 propagate_from:2 - ceph 10.0.0.1:6789:/ rw
105 28 0:54 / /home/sato/vault rw,nosuid,nodev - fuse.gocryptfs /home/sato/.vault rw
106 28 0:55 / /mnt/demand rw - autofs systemd-1 rw,fd=40
107 106 0:56 / /mnt/demand/a rw - smb3 //files/a rw
"""


@pytest.mark.parametrize(
    ("path", "kind", "shared"),
    [
        ("/home/sato/desk", "ext4", False),
        ("/mnt/office", "nfs4", True),
        ("/mnt/office/desk/1", "nfs4", True),
        ("/mnt/office2", "ext4", False),
        ("/mnt/office/local/desk", "xfs", False),
        ("/mnt/windows/desk", "cifs", True),
        ("/home/sato/remote/desk", "fuse.sshfs", True),
        ("/srv/desk", "nfs4", True),
        ("/mnt/nbd/desk", "ext4", False),
        ("/mnt/with space\\x/desk", "9p", True),
        ("/run/user/1000/gvfs/smb-share:server=files,share=office", "fuse.gvfsd-fuse", True),
        ("/mnt/twice/desk", "ceph", True),
        ("/media/stick/desk", "fuseblk", False),
        ("/home/sato/vault/desk", "fuse.gocryptfs", False),
        ("/mnt/demand/a/desk", "smb3", True),
        ("/", "ext4", False),
    ],
)
def test_what_a_path_lies_on(path: str, kind: str, shared: bool) -> None:
    found = mount_of(path, RECORDED)
    assert found is not None
    assert (found.kind, found.is_shared) == (kind, shared)


@given(st.binary(max_size=400))
def test_any_text_is_read(text: bytes) -> None:
    mount_of("/home/sato", text)
    assert mount_of("/home/sato", RECORDED + text.replace(b" - ", b"")) is not None


def mounts(tmp_path: Path, **kinds: str) -> Path:
    """A table in which folders below ``tmp_path`` are mounts of these kinds."""
    lines = [f"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"]  # noqa: F541 -- like its neighbours
    lines += [f"2 1 0:9 / {tmp_path / at} rw - {kind} x rw\n" for at, kind in kinds.items()]
    table = tmp_path / "mountinfo"
    table.write_text("".join(lines))
    return table


def test_links_are_followed_and_what_is_not_there_yet_is_looked_at_above(tmp_path: Path) -> None:
    table = mounts(tmp_path, share="nfs4")
    (tmp_path / "share").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "share")
    (tmp_path / "local").mkdir()
    for folder in ("share", "share/new/office", "link", "link/new"):
        assert share_kind(tmp_path / folder, table) == "nfs4", folder
    for folder in ("local", "local/new", "."):
        assert share_kind(tmp_path / folder, table) is None, folder
    assert share_kind(tmp_path, tmp_path / "none") is None  # the system doesn't say


def test_this_machine_says_where_its_own_folders_lie(tmp_path: Path) -> None:
    found = mount_of(str(tmp_path.resolve()), Path("/proc/self/mountinfo").read_bytes())
    assert found is not None
    assert Path(found.point).is_mount()
    refuse_share(tmp_path)


def test_an_office_on_a_share_is_neither_founded_nor_opened(
    founded_in_files: FoundedOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FixedClock(IN_HOURS)
    monkeypatch.setattr(shares, "_MOUNTS", mounts(tmp_path, share="cifs", desk="nfs"))
    monkeypatch.setattr(share_kind, "__defaults__", (shares._MOUNTS,))
    before = sorted(path.name for path in founded_in_files.folder.rglob("*"))
    with pytest.raises(Refused, match=r"folder\.on_share") as refusal:
        Office.at(founded_in_files.folder, clock=clock)
    assert refusal.value.params["kind"] == "nfs"
    assert {path.name for path in founded_in_files.folder.rglob("*")} - set(before) <= {"desk.lock"}
    with pytest.raises(Refused, match=r"folder\.on_share"):
        Office.found(tmp_path / "share" / "new", FOUNDING, clock=clock)
    assert not list((tmp_path / "share").rglob("office*"))


def test_an_office_is_neither_moved_nor_restored_onto_a_share(
    founded_on_server: FoundedOffice, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The office stays where it is, and everybody goes on."""
    folder = founded_on_server.folder
    with monkeypatch.context() as patch:
        patch.setattr(shares, "share_kind", lambda _folder: "nfs4")
        with pytest.raises(Refused, match=r"folder\.on_share"):
            to_file(folder, ADMINISTRATOR.login, ADMINISTRATOR.password, clock=clock)
        other = folder.with_name("other")
        other.mkdir()
        with pytest.raises(Refused, match=r"folder\.on_share"):
            restore(other, folder / "none", founded_on_server.recovery, clock=clock)
    with Office.at(folder, clock=clock) as office:
        sign_in(office, OPERATOR).sign_out()
