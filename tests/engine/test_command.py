"""The command line of the engine: options, the check before anybody waits, and what it refuses."""

from __future__ import annotations

import pytest

from flux_engine.catalogue import Catalogue
from flux_engine.check import line, report
from flux_engine.command import main, options_of, parser
from flux_engine.memory import Device
from flux_engine.models import MODELS

CARD = Device(kind="cuda", name="cuda:0", free=23, host_free=64)
PROCESSOR = Device(kind="cpu", name="cpu", free=8, host_free=8)


def test_options_become_the_workers(tmp_path):
    given = parser().parse_args(
        ["--models", str(tmp_path), "--only", "flux-tiny, mine", "--quantize", "8", "--memory", "offload"]
    )
    options = options_of(given)
    assert (options.models, options.names) == (str(tmp_path), ("flux-tiny", "mine"))
    assert (options.quantisation, options.placement) == ("8", "model_offload")
    assert type(options).from_json(options.to_json()) == options


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--models", "/nowhere/at/all"], "--models: there is no folder"),
        (["--download", "flux-pro"], "there is no model 'flux-pro'"),
        (["--download", "flux-tiny"], "there is no model 'flux-tiny'"),
        (["--host", "0.0.0.0"], "choose a --token of your own"),
        (["--host", "studio.example.com"], "choose a --token of your own"),
    ],
)
def test_what_cannot_be_is_one_sentence(capsys, arguments, text):
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert text in said
    assert said.count("\n") == 1


def test_the_check_lists_every_model_with_place_time_and_licence():
    lines = list(report([CARD], Catalogue(), quantisation="none", placement=None))
    assert lines[0] == "Device cuda:0: 23.0 GB free"
    assert [name for name in MODELS if not any(name in row for row in lines)] == []
    tiny = next(row for row in lines if "flux-tiny" in row)
    assert "ready" in tiny
    assert "about a second" in tiny
    klein = next(row for row in lines if "klein-4b" in row)
    assert "16 GB to download" in klein
    assert "resident" in klein
    assert "commercial use allowed" in klein


def test_a_hopeless_run_is_refused_before_it_starts():
    text = line(MODELS["local-flux-1-dev"], PROCESSOR, here=True)
    assert text.startswith("  ✗")
    assert "needs about 37 GB on cpu, and 8 GB are free" in text
    assert not text.endswith("..")


def test_gated_models_say_what_is_needed():
    assert "gated: needs HF_TOKEN" in line(MODELS["local-flux-1-schnell"], CARD, here=False)
