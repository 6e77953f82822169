"""gnome-keyring, the real Secret Service, with its real prompter."""

import subprocess
import sys
from pathlib import Path

from tests.desktop.rig.desktop import Desktop, program
from tests.desktop.rig.waiting import until

SECRETS = "org.freedesktop.secrets"
PASSWORD = "test"  # of a keyring that lives as long as a test
_SERVICE_PATH = "/org/freedesktop/secrets"


class Keyring:
    """A daemon with an unlocked login keyring, or with none yet."""

    def __init__(self, desktop: Desktop, *, unlocked: bool = True) -> None:
        self._desktop = desktop
        options = ["--unlock"] if unlocked else []
        self.process = desktop.start(
            program("gnome-keyring-daemon"),
            "--foreground",
            "--components=secrets",
            *options,
            feed=PASSWORD.encode() if unlocked else b"",
        )
        desktop.bus.wait_for_owner(SECRETS)

    def lock(self) -> None:
        """Lock the login keyring, as a screen saver may."""
        collection = f"{_SERVICE_PATH}/collection/login"
        self._desktop.bus.client.call(
            SECRETS, _SERVICE_PATH, "org.freedesktop.Secret.Service", "Lock", "ao", [collection]
        )

    def files(self) -> list[Path]:
        """The encrypted files it keeps."""
        return sorted((self._desktop.home / ".local/share/keyrings").glob("*.keyring"))

    def start_prompter(self) -> None:
        """GNOME's own password prompt; it needs a display."""
        self._desktop.start(program("/usr/libexec/gcr-prompter", "/usr/lib/*/gcr-prompter"))
        self._desktop.bus.wait_for_owner("org.gnome.keyring.SystemPrompter")

    def prompts(self) -> int:
        """How many password prompts are on the screen."""
        search = ["xdotool", "search", "--onlyvisible", "--class", "gcr-prompter"]
        done = subprocess.run(search, env=self._desktop.env, capture_output=True, timeout=10, check=False)
        return len(done.stdout.split())

    def answer(self, *keys: str) -> None:
        """Type into the open prompt; waits for one."""
        until("a password prompt is on the screen", self.prompts, 15)
        self._desktop.display.key(*keys)


def store(desktop: Desktop, service: str, account: str, secret: str) -> None:
    """Put a secret into the keyring as any other program would."""
    code = "import keyring, sys; keyring.set_password(sys.argv[1], sys.argv[2], sys.stdin.read())"
    subprocess.run(
        [sys.executable, "-c", code, service, account],
        input=secret,
        env=desktop.env,
        text=True,
        check=True,
        timeout=30,
    )
