"""FLUX Tiny draws what it was measured to draw; the rates are those of the shipped weights, less five points."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from flux_engine.models import TINY_FOLDER

from .judge import drawn, judged, most_alike, random_scene

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("default")]

PROMPTS = 200
MEASURED = {"background": 1.0, "colour": 1.0, "position": 0.995, "size": 0.955, "shape": 0.59}
"""Shares of 200 random prompts, 8 steps; docs/engine.md shows the same figures."""
MARGIN = 0.05


def test_the_judge_knows_every_shape():
    from flux_engine.tiny.vocabulary import SHAPES

    assert [most_alike(drawn(shape)) for shape in SHAPES] == list(SHAPES)


def test_two_hundred_prompts_come_out_as_often_as_measured(tiny):
    rng = random.Random(20261125)
    right: Counter[str] = Counter()
    for seed in range(PROMPTS):
        scene = random_scene(rng)
        made = tiny.make(prompt=scene.prompt, seed=seed, preview_every=0)
        right.update(name for name, fine in judged(made.files[0], scene).items() if fine)
    rates = {name: right[name] / PROMPTS for name in MEASURED}
    assert {name: rate for name, rate in rates.items() if rate < MEASURED[name] - MARGIN} == {}


def test_it_stays_small():
    size = sum(path.stat().st_size for path in Path(TINY_FOLDER).rglob("*") if path.is_file())
    assert size <= 8_000_000


def test_plain_diffusers_loads_it():
    from diffusers import FluxPipeline

    pipeline = FluxPipeline.from_pretrained(TINY_FOLDER, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    picture = pipeline("a red circle on a blue background", height=128, width=128, num_inference_steps=4).images[0]
    assert picture.size == (128, 128)
