"""A language model for the host: a small server with OpenAI's chat protocol that counts how often it is asked."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tools.stage import Studio

MODEL = "plain-words"
EVERYONE = [{"principal_type": "user", "principal_id": "*", "permission": "read"}]


@dataclass(slots=True)
class LanguageModel:
    """What it was asked, newest last."""

    asked: list[dict[str, Any]] = field(default_factory=list)


@contextlib.contextmanager
def language_model(studio: Studio) -> Iterator[LanguageModel]:
    """Give the host a chat model that everybody may use, and take it away afterwards."""
    model = LanguageModel()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(model))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    session = studio.host.session(studio.admin)
    before = session.get("/openai/config").json()
    address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    connection = {"OPENAI_API_BASE_URLS": [address], "OPENAI_API_KEYS": ["none"], "OPENAI_API_CONFIGS": {}}
    session.post("/openai/config/update", json={"ENABLE_OPENAI_API": True, **connection}).raise_for_status()
    session.get("/api/models?refresh=true").raise_for_status()
    entry = {"id": MODEL, "base_model_id": None, "name": "Plain words", "meta": {}, "params": {}, "is_active": True}
    session.post("/api/v1/models/create", json={**entry, "access_grants": EVERYONE}).raise_for_status()
    session.get("/api/models?refresh=true").raise_for_status()
    try:
        yield model
    finally:
        session.post("/api/v1/models/model/delete", json={"id": MODEL}).raise_for_status()
        session.post("/openai/config/update", json=before).raise_for_status()
        session.get("/api/models?refresh=true").raise_for_status()
        server.shutdown()
        server.server_close()


def _handler(model: LanguageModel) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            row = {"id": MODEL, "object": "model", "owned_by": "test"}
            self._send("application/json", json.dumps({"object": "list", "data": [row]}))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            model.asked.append(body)
            text = "Words, nothing but words."
            if body.get("stream"):
                chunk = {"id": "x", "model": MODEL, "choices": [{"index": 0, "delta": {"content": text}}]}
                self._send("text/event-stream", f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n")
                return
            message = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            self._send("application/json", json.dumps({"id": "x", "model": MODEL, "choices": [message]}))

        def _send(self, mime: str, text: str) -> None:
            data = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", mime)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """The test reads what was asked, not the log."""

    return Handler
