"""A sound card that isn't there: for tests and for the scripted day on a machine without one.

A private PulseAudio daemon with two silent lines, *operator* and *caller*, whose sound can be
recorded as inputs of those names, and an output *earphone*. It touches no sound server of the
machine, needs no rights, and several run beside each other. Linux only; needs the Debian
packages of `PACKAGES`. The product never uses it for a real call.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from desk_app.errors import Fault

PACKAGES = ("pulseaudio", "pulseaudio-utils", "libasound2-plugins", "libportaudio2")
OPERATOR = "operator"
CALLER = "caller"
EARPHONE = "earphone"

# norewinds: without it the first capture loses up to a second.
_DAEMON = """\
.fail
load-module module-native-protocol-unix auth-anonymous=1 socket={folder}/native
load-module module-null-sink sink_name=operator rate=48000 channels=1 norewinds=1
load-module module-null-sink sink_name=caller rate=48000 channels=1 norewinds=1
load-module module-null-sink sink_name=earphone rate=48000 channels=2 norewinds=1
"""
_INPUT = """\
pcm.{name} {{
    type pulse
    server "unix:{folder}/native"
    device "{name}.monitor"
    hint {{ show on description "{name}" }}
}}
"""
_OUTPUT = """\
pcm.{name} {{
    type pulse
    server "unix:{folder}/native"
    device "{name}"
    hint {{ show on description "{name}" }}
}}
"""
_READY_SECONDS = 20.0


def available() -> bool:
    """Whether this machine can run a `VirtualSound`."""
    return sys.platform.startswith("linux") and all(
        shutil.which(tool) for tool in ("pulseaudio", "pactl", "paplay", "parec")
    )


class VirtualSound:
    """The daemon and the environment that leads a process to it; a context manager.

    `environment` has to be set for a process before it imports ``sounddevice``. Raises
    ``Fault("recordings.virtual_sound")`` when the daemon doesn't come up.
    """

    def __init__(self) -> None:
        daemon = _tool("pulseaudio")
        # A socket's path has to stay below 108 characters, so not below a test's long folder.
        self._folder = Path(tempfile.mkdtemp(prefix="sound-"))
        script = self._folder / "daemon.pa"
        script.write_text(_DAEMON.format(folder=self._folder), "utf-8")
        configuration = self._folder / "alsa.conf"
        lines = [_INPUT.format(name=name, folder=self._folder) for name in (OPERATOR, CALLER)]
        lines.append(_OUTPUT.format(name=EARPHONE, folder=self._folder))
        configuration.write_text("</usr/share/alsa/alsa.conf>\n" + "".join(lines), "utf-8")
        self.environment: Mapping[str, str] = {
            "PULSE_SERVER": f"unix:{self._folder}/native",
            "ALSA_CONFIG_PATH": str(configuration),
        }
        home = str(self._folder)
        self._daemon = subprocess.Popen(  # noqa: S603 -- our own arguments
            [
                daemon,
                # It ends by itself an hour after whoever started it was killed.
                *("-n", "-F", str(script), "--daemonize=no", "--exit-idle-time=3600"),
                *("--use-pid-file=no", "--realtime=no", "--high-priority=no"),
                *("--disable-shm=yes", "--log-level=error"),
            ],
            env={
                "PATH": os.environ.get("PATH", ""),
                "HOME": home,
                "XDG_RUNTIME_DIR": home,
                "PULSE_RUNTIME_PATH": home,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _wait_until_ready(self) -> None:
        for _ in range(int(_READY_SECONDS / 0.05)):
            asked = subprocess.run(  # noqa: S603 -- our own arguments
                [_tool("pactl"), "list", "short", "sinks"],
                env=self._child_environment(),
                capture_output=True,
                check=False,
            )
            if asked.returncode == 0 and EARPHONE.encode() in asked.stdout:
                return
            try:  # asks again after a moment, and sees at once if the daemon has ended
                self._daemon.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        raise Fault("recordings.virtual_sound")

    def _child_environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def speak(self, line: str, sound: Path) -> "subprocess.Popen[bytes]":
        """Start playing a sound file into ``line`` and return the playing process."""
        return subprocess.Popen(  # noqa: S603 -- our own arguments
            [_tool("paplay"), f"--device={line}", str(sound)],
            env=self._child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @contextmanager
    def listen(self, line: str, take: Callable[[bytes], None]) -> Iterator[None]:
        """Hand what is played into ``line`` to ``take``, as 16-bit stereo at 48 kHz."""
        listener = subprocess.Popen(  # noqa: S603 -- our own arguments
            [
                *(_tool("parec"), f"--device={line}.monitor", "--raw", "--format=s16le"),
                *("--rate=48000", "--channels=2", "--latency-msec=20"),
            ],
            env=self._child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        sound = cast(IO[bytes], listener.stdout)  # a pipe, as asked
        take(sound.read(1920))  # it listens from here on

        def pass_on() -> None:
            while block := sound.read(1920):
                take(block)

        reader = threading.Thread(target=pass_on, daemon=True)
        reader.start()
        try:
            yield
        finally:
            listener.terminate()
            listener.wait()
            reader.join()
            sound.close()

    def break_down(self) -> None:
        """Kill the daemon, as a sound server crashes: every device vanishes at once."""
        self._daemon.kill()
        self._daemon.wait()

    def close(self) -> None:
        """End the daemon and remove its folder."""
        self.break_down()
        shutil.rmtree(self._folder, ignore_errors=True)


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise Fault("recordings.virtual_sound")
    return path
