"""No network for a process, its threads and its children, by Linux's seccomp: a small filter on system calls, without root.

Refused are making, binding, connecting and addressing sockets of every family (TCP, UDP, Unix, netlink), and the ways round a
filter or a fence: io_uring, other processes' memory and open files, shared memory and queues between processes, namespaces and mounts.
What a process holds already goes on working, so it is called when a kernel's own channels stand. Pairs of connected sockets
within a process stay allowed (asyncio needs them).

The numbers are those of the kernel's own tables for x86-64 and 64-bit Arm. On another processor nothing is done.
"""

from __future__ import annotations

import ctypes
import platform
import struct
import sys

# name → number on x86_64, on aarch64
REFUSED: dict[str, tuple[int, int]] = {
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "shmget": (29, 194), "shmat": (30, 196), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "open_by_handle_at": (304, 265), "unshare": (272, 97), "setns": (308, 268),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
}  # fmt: skip
SENDTO, SOCKETPAIR = (44, 206), (53, 199)
PROCESSORS = {
    "x86_64": (0, 0xC000003E),
    "aarch64": (1, 0xC00000B7),
}  # place in the pairs above; the kernel's name of it
X32 = 0x40000000  # the second set of numbers that x86-64 kernels may know

_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # EACCES: a PermissionError in Python
_NUMBER, _PROCESSOR, _ARGUMENTS = 0, 4, 16
_STREAM, _UNIX = 1, 1
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_FILTER, _ALL_THREADS = 1, 1
_NO_NEW_PRIVILEGES, _SET_SECCOMP = 38, 22


def program(processor: str) -> bytes:
    """The filter, as the kernel takes it: eight bytes an instruction.

    Each refusal is a test followed at once by its answer, so that no jump is longer than one or two instructions.
    """
    place, name = PROCESSORS[processor]
    steps = [(_LOAD, 0, 0, _PROCESSOR), (_EQUAL, 1, 0, name), (_RETURN, 0, 0, _REFUSE), (_LOAD, 0, 0, _NUMBER)]
    if processor == "x86_64":
        steps += [(_AT_LEAST, 0, 1, X32), (_RETURN, 0, 0, _REFUSE)]
    for numbers in REFUSED.values():
        steps += [(_EQUAL, 0, 1, numbers[place]), (_RETURN, 0, 0, _REFUSE)]
    address = _ARGUMENTS + 4 * 8
    steps += [  # sendto: only without an address; its pointer has two halves
        (_EQUAL, 0, 6, SENDTO[place]),
        (_LOAD, 0, 0, address), (_EQUAL, 1, 0, 0), (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, address + 4), (_EQUAL, 1, 0, 0), (_RETURN, 0, 0, _REFUSE),
    ]  # fmt: skip
    steps += [  # socketpair: Unix streams only, for others can be addressed anew
        (_LOAD, 0, 0, _NUMBER), (_EQUAL, 0, 7, SOCKETPAIR[place]),
        (_LOAD, 0, 0, _ARGUMENTS), (_EQUAL, 1, 0, _UNIX), (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _ARGUMENTS + 8), (_AND, 0, 0, 0xF), (_EQUAL, 1, 0, _STREAM), (_RETURN, 0, 0, _REFUSE),
    ]  # fmt: skip
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *one) for one in steps)


def refuse_network() -> bool:
    """Put the filter on every thread of this process; False where the system cannot."""
    processor = platform.machine()
    if not sys.platform.startswith("linux") or processor not in PROCESSORS or sys.maxsize < 2**32:
        return False
    code = program(processor)
    held = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

    given = Program(len(code) // 8, ctypes.addressof(held))
    system = ctypes.CDLL(None, use_errno=True)
    if system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    if system.syscall(_SECCOMP[processor], _FILTER, _ALL_THREADS, ctypes.byref(given)) == 0:
        return True
    return bool(system.prctl(_SET_SECCOMP, 2, ctypes.byref(given), 0, 0) == 0)
