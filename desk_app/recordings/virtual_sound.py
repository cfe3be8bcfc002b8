"""A sound card that isn't there: for tests and for the scripted day on a machine without one.

A private PulseAudio daemon with two silent lines, *operator* and *caller*, whose sound can be
recorded as inputs of those names, and an output *earphone*. It touches no sound server of the
machine, needs no rights, and several run beside each other. Linux only; needs the Debian
packages of `PACKAGES`. The product never uses it for a real call.
"""

import os
import shutil
import signal
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
load-module module-null-sink {operator}
load-module module-null-sink {caller}
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


_NULL_SINK = "sink_name={name} rate=48000 channels=1 norewinds=1"


class VirtualSound:
    """The daemon and the environment that leads a process to it; a context manager.

    `environment` has to be set for a process before it imports ``sounddevice``. Raises
    ``Fault("recordings.virtual_sound")`` when the daemon doesn't come up.
    """

    def __init__(self) -> None:
        _tool("pulseaudio")
        # A socket's path has to stay below 108 characters, so not below a test's long folder.
        self._folder = Path(tempfile.mkdtemp(prefix="sound-"))
        script = self._folder / "daemon.pa"
        sinks = {name: _NULL_SINK.format(name=name) for name in (OPERATOR, CALLER)}
        script.write_text(_DAEMON.format(folder=self._folder, **sinks), "utf-8")
        configuration = self._folder / "alsa.conf"
        lines = [_INPUT.format(name=name, folder=self._folder) for name in (OPERATOR, CALLER)]
        lines.append(_OUTPUT.format(name=EARPHONE, folder=self._folder))
        configuration.write_text("</usr/share/alsa/alsa.conf>\n" + "".join(lines), "utf-8")
        self.environment: Mapping[str, str] = {
            "PULSE_SERVER": f"unix:{self._folder}/native",
            "ALSA_CONFIG_PATH": str(configuration),
        }
        self._daemon = self._start()
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def _start(self) -> "subprocess.Popen[bytes]":
        home = str(self._folder)
        return subprocess.Popen(  # noqa: S603 -- our own arguments
            [
                _tool("pulseaudio"),
                # It ends by itself an hour after whoever started it was killed.
                *(
                    "-n",
                    "-F",
                    str(self._folder / "daemon.pa"),
                    "--daemonize=no",
                    "--exit-idle-time=3600",
                ),
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

    # What goes wrong with devices

    def unplug(self, line: str) -> None:
        """Take a line away, as if its cable had been pulled."""
        for module in self._listed("modules"):
            if f"sink_name={line} " in module:
                self._control("unload-module", module.split("\t")[0])

    def plug_in(self, line: str) -> None:
        """Bring a line back that was unplugged."""
        self._control("load-module", "module-null-sink", *_NULL_SINK.format(name=line).split())

    def mute(self, line: str, *, on: bool) -> None:
        """Have a line deliver zeros, or its sound again."""
        self._control("set-source-mute", f"{line}.monitor", "1" if on else "0")

    def move(self, line: str, onto: str) -> None:
        """Move what listens to a line onto another one, as a sound server does by itself."""
        names = dict(source.split("\t")[:2] for source in self._listed("sources"))
        for listener in self._listed("source-outputs"):
            number, source = listener.split("\t")[:2]
            if names[source] == f"{line}.monitor":
                self._control("move-source-output", number, f"{onto}.monitor")

    def freeze(self) -> None:
        """Stop the daemon where it is; `thaw` lets it go on."""
        self._daemon.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._daemon.send_signal(signal.SIGCONT)

    def start_again(self) -> None:
        """Start the daemon anew after `break_down`."""
        (self._folder / "native").unlink(missing_ok=True)
        self._daemon = self._start()
        self._wait_until_ready()

    def _listed(self, kind: str) -> list[str]:
        return self._control("list", "short", kind).splitlines()

    def _control(self, *arguments: str) -> str:
        return subprocess.run(  # noqa: S603 -- our own arguments
            [_tool("pactl"), *arguments],
            env=self._child_environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

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
