"""Who sees what of /costs: admins everybody, others themselves, and in a channel nobody more than that."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from flux_studio.commands import parse
from flux_studio.errors import Unavailable
from flux_studio.jobs import LedgerRow
from flux_studio.limits import Allowance, Usage
from flux_studio.settings import Secret, Settings
from flux_studio.webui import costs, files, worker
from flux_studio.webui.caller import Caller
from tests.webui.host_doubles import put

KEY = Settings(flux_key=Secret("k"), allowance=Allowance(pictures_a_day=9, credits_a_month=50))


def row(user):
    return LedgerRow(
        created_at=time.time(), user=user, model="flux-2-pro", provider="bfl", task="generate", phase="delivered",
        pictures=2, amount=6.0, currency="credits", exact=True,
    )  # fmt: skip


class Ledger:
    """The part of the store that the report reads."""

    async def ledger(self, *, after, user=""):
        return [each for each in (row("root"), row("ann")) if not user or each.user == user]

    async def usage(self, user):
        return Usage(pictures_today=2, credits_this_month=6.0, now=time.time())


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    """The host with two people; returns the documents that were kept."""
    documents = []

    async def keep_document(data, *, name, mime, user):
        documents.append((data.decode(), user.id))
        return files.FileRef(id="f", name=name, mime=mime)

    async def people(ids):
        return [SimpleNamespace(id=name, name=name.title(), email=f"{name}@example.com") for name in ids]

    async def credits(settings):
        return 4988.0

    monkeypatch.setattr(worker, "job_store", Ledger)
    monkeypatch.setattr(files, "keep_document", keep_document)
    monkeypatch.setattr(costs, "credits", credits)
    put(monkeypatch, "open_webui.models.users", Users=SimpleNamespace(get_users_by_user_ids=people))
    return documents


def asking(name="root", role="admin", chat="c"):
    return Caller(user=SimpleNamespace(id=name, role=role), app=None, chat=chat, message="m")


async def answer(caller, text="/costs", settings=KEY):
    return await costs.answer_costs(caller, parse(text), settings)


async def test_an_admin_sees_everybody_and_gets_a_file(kept):
    text = await answer(asking())
    assert "12 credits for 4 pictures by 2 people" in text
    assert "Ann (ann@example.com)" in text
    assert "Left at Black Forest Labs: 4,988 credits." in text
    assert "Your own limits: 2 of 9 pictures today and 6 credits of 50 credits this month." in text
    ((document, owner),) = kept
    assert owner == "root"
    assert document.count("flux-2-pro") == 2


@pytest.mark.parametrize("caller", [asking("ann", "user"), asking("ann", "admin", chat="channel:x")])
async def test_everybody_else_and_an_admin_in_a_channel_see_themselves(kept, caller):
    text = await answer(caller)
    assert "6 credits for 2 pictures, " in text
    assert "root" not in text.lower()
    assert "Left at" not in text
    assert kept == []


async def test_a_provider_that_does_not_answer_costs_one_sentence_only(monkeypatch):
    async def credits(settings):
        raise Unavailable("Black Forest Labs cannot be reached.", provider="bfl")

    monkeypatch.setattr(costs, "credits", credits)
    text = await answer(asking())
    assert "What is left at Black Forest Labs is not known. Black Forest Labs cannot be reached." in text
    assert "12 credits for 4 pictures" in text
    assert "Left" not in await answer(asking(), settings=Settings()), "without a key there is no account"
