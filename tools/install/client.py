"""Speaks to one Open WebUI as one admin; every failure becomes one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import requests

from .failure import InstallError

PAGES = "flux_studio_edit"
"""The function that answers the calls of all our pages."""

TIMEOUT = 120.0
"""Seconds; creating a function executes it on the server."""


class Refused(InstallError):
    """Open WebUI answered with an error status."""

    def __init__(self, what: str, status: int, reason: str) -> None:
        super().__init__(f"Open WebUI refused {what} ({status}): {reason}")
        self.status = status
        self.reason = reason


class OpenWebUI:
    """The API of one Open WebUI. Every method raises InstallError."""

    def __init__(self, url: str) -> None:
        if not re.match(r"https?://[^/]", url):
            raise InstallError(
                f"The address must begin with http:// or https://, such as http://localhost:8080, not {url}."
            )
        self.url = url.rstrip("/")
        self.session = requests.Session()
        # a kept connection may be closed by the server just as the next call begins, and a POST is not repeated blindly
        self.session.headers["Connection"] = "close"

    def version(self) -> str:
        """The host's version; anybody may ask."""
        answer = self.get("/api/config", "its configuration")
        if not isinstance(answer, dict) or "version" not in answer:
            raise InstallError(f"What answers at {self.url} is not Open WebUI.")
        return str(answer["version"])

    def sign_in(self, email: str, password: str) -> None:
        try:
            answer = self.post("/api/v1/auths/signin", {"email": email, "password": password}, "the sign-in")
        except Refused as error:
            if error.status == 429:
                raise InstallError("Open WebUI had too many sign-ins: wait three minutes and try again.") from error
            if error.status == 400:
                raise InstallError(f"The e-mail {email} or its password is wrong.") from error
            raise
        if not answer.get("token"):
            raise InstallError(f"{email} needs a second factor to sign in: use --api-key instead.")
        self.use_key(answer["token"])

    def use_key(self, key: str) -> None:
        self.session.headers["Authorization"] = f"Bearer {key}"

    def require_admin(self) -> None:
        """Check that the key is valid and belongs to an admin, by a listing that only admins get."""
        try:
            self.get("/api/v1/functions/list", "the sign-in")
        except Refused as error:
            if "do not have permission" in error.reason:
                raise InstallError("This account is not an admin; only an admin can install functions.") from error
            raise InstallError(
                f"The key is not valid here, or API keys are switched off (Admin Settings, General): {error.reason}"
            ) from error

    def require_plugins(self) -> None:
        """Check that the server runs functions at all."""
        features = self.get("/api/config", "its configuration").get("features", {})
        if not features.get("enable_functions", True):
            raise InstallError(
                "This server has functions switched off: set ENABLE_PLUGINS and ENABLE_FUNCTIONS to True, restart it."
            )

    def ask_plugin(self, page: str, op: str, **data: Any) -> dict[str, Any]:
        """Put one call of a page to our plugins, through the action that answers them; its own refusals raise, too."""
        models = self.get("/api/models", "the list of models")["data"]
        if not models:
            raise InstallError("Open WebUI lists no model at all: switch on the function flux_studio and set a key.")
        ours = [model["id"] for model in models if model["id"].startswith("flux_studio.")]
        body = {"model": (ours or [models[0]["id"]])[0], "chat_id": "", "id": "", "session_id": "", "messages": []}
        event = {"page": page, "op": op, **data}
        answer = self.post(f"/api/chat/actions/{PAGES}", {**body, "event": event}, f"the call {page}/{op}")
        if not isinstance(answer, dict) or "error" in answer:
            raise InstallError(str(answer["error"]) if answer else "The plugin gave no answer: install this release.")
        return answer

    def headers(self, path: str, what: str) -> Mapping[str, str]:
        """The headers of an answer, whatever its content."""
        return self._answer("GET", path, what).headers

    def get(self, path: str, what: str, **query: str) -> Any:
        return self._call("GET", path, what, params=query)

    def find(self, path: str, what: str) -> Any:
        """Like get, but None for what does not exist; the host says 401 for that and means 404."""
        try:
            return self.get(path, what)
        except Refused as error:
            if error.status in (401, 404):
                return None
            raise

    def post(self, path: str, body: Any, what: str) -> Any:
        """None sends no body: one that the server does not read makes it reset the connection under its answer."""
        return self._call("POST", path, what, **({} if body is None else {"json": body}))

    def delete(self, path: str, what: str) -> Any:
        return self._call("DELETE", path, what)

    def _call(self, method: str, path: str, what: str, **options: Any) -> Any:
        try:
            return self._answer(method, path, what, **options).json()
        except requests.JSONDecodeError as error:
            raise InstallError(f"What answers at {self.url} is not Open WebUI.") from error

    def _answer(self, method: str, path: str, what: str, **options: Any) -> requests.Response:
        try:
            response = self.session.request(method, self.url + path, timeout=TIMEOUT, **options)
        except requests.exceptions.SSLError as error:
            raise InstallError(f"The certificate of {self.url} is not trusted by this machine.") from error
        except requests.Timeout as error:
            raise InstallError(f"{self.url} did not answer within {TIMEOUT:g} seconds.") from error
        except requests.RequestException as error:
            raise InstallError(f"No Open WebUI answers at {self.url}: check the address and that it runs.") from error
        if not response.ok:
            raise Refused(what, response.status_code, reason(response))
        return response


def reason(response: requests.Response) -> str:
    """The host's own words, on one line, without its decoration."""
    try:
        detail = response.json().get("detail", "")
    except (requests.JSONDecodeError, AttributeError):
        detail = response.text
    text = " ".join(str(detail).split())
    return re.sub(r"^\[ERROR: (.*)\]$", r"\1", text)[:500] or "no reason given"
