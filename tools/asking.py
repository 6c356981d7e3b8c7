"""Asks in a saved chat through the API as the tab does, without a tab: many questions at once are cheap."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from tools.host import Account
from tools.stage import Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question that was sent, and where its answer will be."""

    account: Account
    chat: str
    message: str
    marker: str
    """The beginning of the prompt as the provider gets it: before the first flag and the sandbox's bracket."""


def ask(studio: Studio, account: Account, prompt: str, model: str = "flux_studio.flux-2-pro") -> Question:
    """Make a chat with one question and start its answer; returns at once."""
    session = studio.host.session(account)
    question, answer, now = str(uuid.uuid4()), str(uuid.uuid4()), int(time.time())
    user = {
        "id": question,
        "parentId": None,
        "childrenIds": [answer],
        "role": "user",
        "content": prompt,
        "timestamp": now,
        "models": [model],
    }
    assistant = {
        "id": answer,
        "parentId": question,
        "childrenIds": [],
        "role": "assistant",
        "content": "",
        "model": model,
        "modelIdx": 0,
        "timestamp": now,
    }
    history = {"messages": {question: user, answer: assistant}, "currentId": answer}
    chat = session.post("/api/v1/chats/new", json={"chat": {"title": "x", "models": [model], "history": history}})
    chat.raise_for_status()
    body = {
        "model": model,
        "chat_id": chat.json()["id"],
        "id": answer,
        "parent_id": question,
        "session_id": str(uuid.uuid4()),
        "stream": True,
        "user_message": user,
        "messages": [{"role": "user", "content": prompt}],
        "background_tasks": {},
    }
    session.post("/api/chat/completions", json=body).raise_for_status()
    return Question(account=account, chat=chat.json()["id"], message=answer, marker=marker_of(prompt))


def marker_of(prompt: str) -> str:
    """What is certain to reach the provider of a prompt: flags never do (pure)."""
    return prompt.partition(" [")[0].partition(" --")[0].rstrip()
