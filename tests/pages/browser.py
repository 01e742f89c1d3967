# SPDX-License-Identifier: GPL-3.0-only
"""Chromium over its debugging pipe: one page at a time, and what it asks for and complains of."""
import base64
import json
import os
import shutil
import subprocess
import tempfile

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
A4 = (8.27, 11.69)  # inches
_PRINTED = 794 - 2 * 50  # CSS pixels between the margins of the page's own @page rule: 210 mm less 2 x 13 mm


def program():
    """The browser's path; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """A headless Chromium. Use it in a with statement."""

    def __enter__(self):
        self._profile = tempfile.mkdtemp(prefix="steelyard-chromium-")
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()

        def wire():  # the browser reads commands from 3 and answers on 4
            os.dup2(to_read, 200)
            os.dup2(to_write, 201)
            os.dup2(200, 3)
            os.dup2(201, 4)

        self._process = subprocess.Popen(
            [program(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
             f"--user-data-dir={self._profile}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self._rest, self._number, self.events = b"", 0, []
        target = next(t for t in self.call("Target.getTargets", session=None)["targetInfos"] if t["type"] == "page")
        self._session = self.call("Target.attachToTarget", session=None, targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)
        os.close(self._to)
        os.close(self._from)
        shutil.rmtree(self._profile, ignore_errors=True)

    def _message(self):
        while b"\0" not in self._rest:
            more = os.read(self._from, 1 << 20)
            if not more:
                raise RuntimeError("the browser has closed its pipe")
            self._rest += more
        first, self._rest = self._rest.split(b"\0", 1)
        return json.loads(first)

    def call(self, method, session="", **params):
        """One command and its answer; events on the way are kept."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": params}
        if session is not None:
            command["sessionId"] = self._session
        os.write(self._to, json.dumps(command).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            if "method" in message:
                self.events.append(message)

    def _wait(self, method):
        while not any(event["method"] == method for event in self.events):
            self.events.append(self._message())

    def open(self, address, width, height=900, media=""):
        """Loads a page at a width in CSS pixels, for the screen or for print."""
        self.events = []
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        self.call("Emulation.setEmulatedMedia", media=media)
        self.call("Page.navigate", url=address)
        self._wait("Page.loadEventFired")

    def open_printed(self, address):
        """Loads a page as A4 shows it, so that it can be measured."""
        self.open(address, _PRINTED, 1000, "print")

    def value(self, script):
        """What a script gives back."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def complaints(self):
        """Messages of the console and errors since the page was opened."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event["params"] for event in self.events if event["method"] in kinds]

    def requests(self):
        """Addresses asked for since the page was opened, but for the page itself and what it holds."""
        asked = [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [address for address in asked[1:] if not address.startswith("data:")]

    def picture(self, clip=None):
        """PNG of the page, or of (x, y, width, height) of it."""
        params = {"captureBeyondViewport": True}
        if clip:
            params["clip"] = dict(zip(("x", "y", "width", "height"), clip), scale=1)
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", **params)["data"])

    def pdf(self):
        """The page printed on A4."""
        return base64.b64decode(self.call("Page.printToPDF", paperWidth=A4[0], paperHeight=A4[1], preferCSSPageSize=True,
                                          printBackground=True)["data"])
