"""The system's Firefox, driven over its own WebDriver BiDi, as Playwright drives only its own."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import websocket

WAIT = 60  # seconds for one answer; a busy machine is slow


class Firefox:
    """Hold a headless Firefox with a fresh profile and one tab, and what its pages complained about."""

    def __init__(self, folder: Path) -> None:
        """Start it with its profile in a folder. Raises FileNotFoundError where there is no Firefox."""
        path = shutil.which("firefox-esr") or shutil.which("firefox")
        if path is None:
            raise FileNotFoundError("Firefox is not on the PATH; install it: apt install firefox-esr")
        self.errors: list[str] = []
        self._numbers = itertools.count(1)
        profile = folder / "profile"
        profile.mkdir()
        # Not one word to anyone outside, and no page of welcome.
        quiet = {
            "datareporting.policy.dataSubmissionEnabled": False,
            "app.normandy.enabled": False,
            "app.update.disabledForTesting": True,
            "browser.aboutwelcome.enabled": False,
            "browser.shell.checkDefaultBrowser": False,
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
            "services.settings.server": "data:,",
            "intl.accept_languages": "en-US",
        }
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in quiet.items()]
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        self._log = folder / "log"
        command = [path, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            self._socket = websocket.create_connection(
                f"{self._address()}/session", timeout=WAIT, suppress_origin=True
            )
            self._send("session.new", capabilities={})
            self._send("session.subscribe", events=["log.entryAdded"])
            self._tab = self._send("browsingContext.getTree")["contexts"][0]["context"]
        except BaseException:
            self.close()
            raise

    def _address(self) -> str:
        end = time.monotonic() + WAIT
        while time.monotonic() < end and self._process.poll() is None:
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", self._said()):
                return found[1]
            time.sleep(0.1)
        raise RuntimeError(f"Firefox did not start: {self._said()[-2000:]}")

    def _said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _send(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.errors.append(message["params"]["text"])
            if message.get("id") != number:
                continue
            if message["type"] == "error":
                raise RuntimeError(f"{method}: {message['error']}: {message['message']}")
            return message["result"]

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        self._send("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def before_each_page(self, function: str) -> None:
        """Run a JavaScript function on every page from now on, before the page's own scripts."""
        self._send("script.addPreloadScript", functionDeclaration=function)

    def evaluate(self, expression: str) -> Any:
        """Give the value of a JavaScript expression, as JSON has it. Raises RuntimeError when it throws."""
        result = self._send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})) ?? 'null')()",
            target={"context": self._tab},
            awaitPromise=True,
            userActivation=True,
        )
        if result["type"] == "exception":
            raise RuntimeError(f"{expression}: {result['exceptionDetails']['text']}")
        return json.loads(result["result"]["value"])

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true, on whichever page is then shown."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            try:
                if self.evaluate(expression):
                    return
            except RuntimeError as error:  # the page went away while it was asked
                last: object = error
            else:
                last = "false"
            time.sleep(0.1)
        raise TimeoutError(f"{expression}: {last} on {self.evaluate('location.href')}")

    def click(self, selector: str) -> None:
        """Press the mouse on the first element that a selector finds, as a reader would."""
        place = self.evaluate(
            f"""(() => {{
                const element = document.querySelector({json.dumps(selector)});
                element.scrollIntoView({{ block: "center", behavior: "instant" }});
                const {{ x, y, width, height }} = element.getBoundingClientRect();
                return [Math.round(x + width / 2), Math.round(y + height / 2)];
            }})()"""
        )
        pointer = [
            {"type": "pointerMove", "x": place[0], "y": place[1]},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._act({"type": "pointer", "id": "mouse", "actions": pointer})

    def press(self, keys: str) -> None:
        """Press and release keys one after the other."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": strokes})

    def _act(self, source: dict[str, Any]) -> None:
        self._send("input.performActions", context=self._tab, actions=[source])

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if hasattr(self, "_socket"):
            self._socket.close()
