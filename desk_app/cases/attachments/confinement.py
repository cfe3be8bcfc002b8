"""What the viewer's process takes from itself before it reads a stranger's file.

Everywhere: no core dump, and its output is all it can give. Where there are limits (Linux and
macOS): bounded memory and time of the processor, no file longer than nothing. On Linux a filter of
system calls as well, which is never taken off again: no sockets, no programs, no processes (and no
threads), no file made, changed or removed; each of these fails with EPERM. It names what is
forbidden rather than what is allowed, so that another version of the C library doesn't end the
preview; on a processor that it has no numbers for there is none.
"""

import ctypes
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass

from desk_app.process import keep_to_oneself

MEMORY_BYTES = 3 << 29
PROCESSOR_SECONDS = 20

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_MODE_FILTER = 2


def confine() -> None:
    """Give up everything that decoding doesn't need; for good."""
    keep_to_oneself()
    if sys.platform == "win32":
        return
    import resource

    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(OSError, ValueError):  # macOS has no bound for the address space
            resource.setrlimit(limit, (most, most))
    if sys.platform == "linux":
        forbid_calls()


@dataclass(frozen=True, slots=True)
class Calls:
    """The numbers of system calls on one kind of processor, and where opening has its flags."""

    audit_arch: int
    forbidden: tuple[int, ...]
    openat: int
    open: int | None


_X86_64 = Calls(
    audit_arch=0xC000003E,
    forbidden=(
        # socket connect accept sendto sendmsg bind listen socketpair accept4 sendmmsg
        *(41, 42, 43, 44, 46, 49, 50, 53, 288, 307),
        # clone fork vfork execve execveat clone3 ptrace kill tkill tgkill
        *(56, 57, 58, 59, 322, 435, 101, 62, 200, 234),
        # process_vm_readv process_vm_writev bpf perf_event_open io_uring_setup userfaultfd
        *(310, 311, 321, 298, 425, 323),
        # truncate ftruncate rename mkdir rmdir creat link unlink symlink chmod fchmod chown
        *(76, 77, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94),
        # mknod mkdirat mknodat fchownat unlinkat renameat linkat symlinkat fchmodat renameat2
        *(133, 258, 259, 260, 263, 264, 265, 266, 268, 316),
        # mount umount2 pivot_root chroot unshare setns openat2 memfd_create setxattr…
        *(165, 166, 155, 161, 272, 308, 437, 319, 188, 189, 190),
    ),
    openat=257,
    open=2,
)
_AARCH64 = Calls(
    audit_arch=0xC00000B7,
    forbidden=(
        # socket socketpair bind listen accept connect sendto sendmsg accept4 sendmmsg
        *(198, 199, 200, 201, 202, 203, 206, 211, 242, 269),
        # clone execve execveat clone3 ptrace kill tkill tgkill
        *(220, 221, 281, 435, 117, 129, 130, 131),
        # process_vm_readv process_vm_writev bpf perf_event_open io_uring_setup userfaultfd
        *(270, 271, 280, 241, 425, 282),
        # truncate ftruncate mknodat mkdirat unlinkat symlinkat linkat renameat renameat2
        *(45, 46, 33, 34, 35, 36, 37, 38, 276),
        # fchmod fchmodat fchownat fchown
        *(52, 53, 54, 55),
        # umount2 mount pivot_root chroot unshare setns openat2 memfd_create setxattr…
        *(39, 40, 41, 51, 97, 268, 437, 279, 5, 6, 7),
    ),
    openat=56,
    open=None,
)
_BY_MACHINE = {"x86_64": _X86_64, "aarch64": _AARCH64}

_LOAD, _JUMP_EQUAL, _JUMP_FROM, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _FAIL_EPERM = 0x7FFF0000, 0x00050001
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
_WRITES = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000
"""O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND."""
_X32 = 0x40000000
"""From here on the numbers of x86-64 mean calls of its 32-bit kind."""


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


def filter_of(calls: Calls) -> bytes:
    """The filter as the kernel takes it: eight bytes a step."""
    steps: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCH_AT),
        (_JUMP_EQUAL, 1, 0, calls.audit_arch),
        (_RETURN, 0, 0, _FAIL_EPERM),  # calls of another kind, e.g. of 32 bits
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_FROM, 0, 1, _X32),
        (_RETURN, 0, 0, _FAIL_EPERM),
    ]
    for number in calls.forbidden:
        steps += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _FAIL_EPERM)]
    openings = [(calls.openat, 2)] + ([] if calls.open is None else [(calls.open, 1)])
    for number, place in openings:
        steps += [
            (_JUMP_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * place),
            (_JUMP_ANY_BIT, 0, 1, _WRITES),
            (_RETURN, 0, 0, _FAIL_EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def forbid_calls() -> bool:
    """Install the filter; whether it is there. Without it the limits still hold."""
    import os

    calls = _BY_MACHINE.get(os.uname().machine)
    if calls is None:
        return False
    steps = filter_of(calls)
    kept = ctypes.create_string_buffer(steps, len(steps))
    program = _Program(len(steps) // 8, ctypes.addressof(kept))
    c_library = ctypes.CDLL(None)
    c_library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    installed: int = c_library.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)
    return installed == 0
