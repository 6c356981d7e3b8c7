"""What run_job promises, on FLUX Tiny's real weights and on random models of every family."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from flux_engine.errors import Cancelled, EngineFault

from .conftest import as_text, opened
from .judge import nearest

# torch, diffusers and peft warn about their own internals
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("default")]

RED = "a red circle on a blue background"


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(opened(data).convert("RGB"), np.int16)


def test_a_prompt_becomes_what_it_says(tiny):
    (picture,) = tiny.make(prompt=RED, seed=4).files
    drawn = pixels(picture)
    assert nearest(drawn[64, 64]) == "red"
    assert {nearest(drawn[y, x]) for y in (4, 123) for x in (4, 123)} == {"blue"}


def test_the_same_seed_gives_the_same_file_and_another_one_another(tiny):
    first, again, other = (tiny.make(prompt=RED, seed=seed).files[0] for seed in (4, 4, 5))
    assert first == again
    assert first != other


def test_several_pictures_equal_single_ones_bit_for_bit(tiny):
    together = tiny.make(prompt=RED, seed=7, count=3)
    assert together.seeds == (7, 8, 9)
    assert together.files == tuple(tiny.make(prompt=RED, seed=seed).files[0] for seed in together.seeds)


def test_every_step_is_told_with_a_small_preview_every_second_one(tiny):
    tiny.make(prompt=RED, seed=1, count=2)
    assert [(step.number, step.of) for step in tiny.steps] == [(number, 16) for number in range(1, 17)]
    shown = [step.number for step in tiny.steps if step.preview]
    assert shown == [2, 4, 6, 10, 12, 14]
    assert all(max(opened(step.preview).size) <= 256 for step in tiny.steps if step.preview)


def test_a_job_stops_between_two_steps_and_the_model_stays_usable(tiny):
    with pytest.raises(Cancelled):
        tiny.make(prompt=RED, seed=4, cancelled=lambda: len(tiny.steps) >= 3)
    assert len(tiny.steps) == 3
    assert tiny.make(prompt=RED, seed=4).files == tiny.make(prompt=RED, seed=4).files


def test_strength_decides_how_much_of_a_picture_stays(tiny):
    green = as_text(Image.new("RGB", (128, 128), (30, 150, 50)))
    little, much = (
        tiny.make(task="edit", prompt="a red square on a red background", picture=green, seed=1, strength=s)
        for s in (0.2, 1)
    )
    assert nearest(pixels(little.files[0])[64, 64]) == "green"
    assert nearest(pixels(much.files[0])[64, 64]) == "red"


def test_only_the_mask_is_repainted(tiny):
    original = Image.new("RGB", (128, 128), (30, 60, 220))
    mask = Image.new("L", (128, 128))
    ImageDraw.Draw(mask).rectangle([0, 0, 63, 63], fill=255)
    job = {"task": "inpaint", "prompt": "a yellow square on a yellow background", "seed": 2, "strength": 1}
    painted = pixels(tiny.make(**job, picture=as_text(original), mask=as_text(mask)).files[0])
    assert nearest(painted[30, 30]) == "yellow"
    kept = np.asarray(mask) == 0
    assert (painted[kept] == np.asarray(original)[kept]).all()


def test_an_unknown_word_gets_a_sentence(tiny):
    with pytest.raises(EngineFault, match="does not know “cat”") as refused:
        tiny.make(prompt="a red cat")
    assert (refused.value.code, refused.value.field) == ("invalid", "prompt")


@pytest.mark.parametrize(("form", "kind"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_formats(tiny, form, kind):
    made = tiny.make(prompt=RED, seed=1, format=form)
    assert opened(made.files[0]).format == kind
    assert made.mime == f"image/{form}"


@pytest.mark.parametrize(
    ("name", "tasks"),
    [
        ("small-flux-1", ("generate", "edit", "inpaint")),
        ("small-flux-1-fill", ("inpaint",)),
        ("small-flux-1-kontext", ("generate", "edit", "inpaint")),
        ("small-flux-2-klein", ("generate", "edit", "inpaint")),
    ],
)
def test_every_family_does_its_tasks_in_the_asked_size_and_shows_previews(bench, name, tasks):
    made = bench(name)
    picture = as_text(Image.new("RGB", (96, 64), (200, 40, 40)))
    mask = as_text(Image.new("L", (96, 64), 255))
    inputs = {"generate": {}, "edit": {"picture": picture}, "inpaint": {"picture": picture, "mask": mask}}
    assert tuple(made.loaded.model.family.ways) == tasks
    for task in tasks:
        result = made.make(
            task=task, prompt="a red cat", seed=3, steps=4, width=96, height=64, strength=1, **inputs[task]
        )
        assert opened(result.files[0]).size == (96, 64), task
        assert any(step.preview for step in made.steps), task


def test_klein_takes_several_references(bench):
    klein = bench("small-flux-2-klein")
    red, blue = (as_text(Image.new("RGB", (64, 64), colour)) for colour in ("red", "blue"))
    job = {"task": "edit", "prompt": "a cat", "seed": 1, "steps": 2, "width": 64, "height": 64}
    assert klein.make(**job, pictures=[red]).files != klein.make(**job, pictures=[red, blue]).files


def test_weights_are_read_once_for_all_tasks(bench):
    made = bench("small-flux-1")
    picture = as_text(Image.new("RGB", (64, 64)))
    made.make(prompt="a cat", seed=1, steps=1, width=64, height=64)
    made.make(task="edit", prompt="a cat", picture=picture, seed=1, steps=2)
    assert len(made.loaded.pipelines) >= 2
    assert len({id(pipeline.transformer) for pipeline in made.loaded.pipelines.values()}) == 1


def test_loras_act_mix_and_leave_without_reading_the_model_again(bench):
    made = bench("small-flux-1")
    job = {"prompt": "a red cat", "seed": 1, "steps": 2, "width": 64, "height": 64}
    transformer = made.loaded.base.transformer

    def with_loras(*uses: tuple[str, float]) -> bytes:
        return made.make(**job, loras=[{"name": name, "scale": scale} for name, scale in uses]).files[0]

    plain = with_loras()
    bold, half, wild = with_loras(("wild", 0.5)), with_loras(("wild", 1.0)), with_loras(("wild", 1.0), ("bold", 1.0))
    assert len({plain, bold, half, wild}) == 4
    assert with_loras() == plain
    assert with_loras(("wild", 0.0)) == plain
    assert made.loaded.base.transformer is transformer


def test_the_older_contract_of_a_lora_works(bench):
    made = bench("small-flux-1")
    job = {"prompt": "a red cat", "seed": 1, "num_inference_steps": 2, "width": 64, "height": 64}
    older = made.make(**job, lora_path="wild.safetensors", lora_scale=0.5)
    assert older.files == made.make(**job, loras=[{"name": "wild", "scale": 0.5}]).files


def test_the_trigger_word_joins_the_prompt(bench):
    made = bench("small-flux-1")
    job = {"seed": 1, "steps": 2, "width": 64, "height": 64, "loras": [{"name": "bold"}]}
    assert made.make(**job, prompt="a cat").files == made.make(**job, prompt="boldly a cat").files


def test_a_lora_that_does_not_fit_is_named(bench, models_folder):
    bad = models_folder.parent / "loras" / "broken.safetensors"
    bad.write_bytes(b"\x00" * 64)
    try:
        with pytest.raises(EngineFault, match="LoRA “broken” does not fit"):
            bench("small-flux-1").make(prompt="a cat", steps=1, width=64, height=64, loras=[{"name": "broken"}])
    finally:
        bad.unlink()


@pytest.mark.parametrize("scheduler", ["karras", "exponential", "stochastic"])
def test_another_scheduler_gives_another_picture(bench, scheduler):
    made = bench("small-flux-1")
    job = {"prompt": "a cat", "seed": 1, "steps": 4, "width": 64, "height": 64}
    assert made.make(**job, scheduler=scheduler).files != made.make(**job).files
    assert made.make(**job, scheduler="euler").files == made.make(**job).files


def test_eight_bit_weights_are_nearly_the_same(bench, models_folder):
    from flux_engine.loading import load
    from flux_engine.memory import Plan

    from .conftest import CPU, Bench

    exact = bench("small-flux-1")
    plan = Plan(dtype="bfloat16", quantisation="8")
    small = Bench(load(exact.loaded.model, CPU, plan), exact.catalogue)
    job = {"prompt": "a red cat", "seed": 1, "steps": 2, "width": 64, "height": 64}
    made, reference = small.make(**job), exact.make(**job)
    assert not made.exact
    assert np.abs(pixels(made.files[0]) - pixels(reference.files[0])).mean() < 8
