"""Pictures of other tools tell how they were made; samples in the shape these tools write."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image, PngImagePlugin

from flux_studio.recipes import read
from flux_studio.recipes.foreign import read_foreign

A1111 = """a castle on a hill, <lora:mist:0.8>
golden hour
Negative prompt: blurry, text
Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 3141592653, Size: 768x1152, Model hash: 6ce0161689, Model: dreamshaper_8, Denoising strength: 0.4, Lora hashes: "mist: 0a1b, fog: 2c3d", Version: v1.10.1"""

FLUX_GRAPH = {
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox in the snow", "clip": ["11", 0]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["13", 0]}},
    "12": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux1-dev.safetensors"}},
    "13": {
        "class_type": "SamplerCustomAdvanced",
        "inputs": {"noise": ["25", 0], "guider": ["22", 0], "sampler": ["16", 0], "latent_image": ["27", 0]},
    },
    "16": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
    "17": {"class_type": "BasicScheduler", "inputs": {"scheduler": "simple", "steps": 20, "denoise": 1.0}},
    "22": {"class_type": "BasicGuider", "inputs": {"model": ["12", 0], "conditioning": ["26", 0]}},
    "25": {"class_type": "RandomNoise", "inputs": {"noise_seed": 219670278747233}},
    "26": {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["6", 0]}},
    "27": {"class_type": "EmptySD3LatentImage", "inputs": {"width": 1024, "height": 768, "batch_size": 1}},
}
CLASSIC_GRAPH = {
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "text, watermark", "clip": ["4", 1]}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["40", 0], "clip": ["4", 1]}},
    "40": {"class_type": "PrimitiveString", "inputs": {"value": "a glass bottle"}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd15.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 640}},
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 5,
            "steps": 12,
            "cfg": 8,
            "sampler_name": "ddim",
            "scheduler": "normal",
            "denoise": 1,
            "positive": ["6", 0],
            "negative": ["7", 0],
        },
    },
}
MFLUX = {
    "mflux_version": "0.9.1",
    "model": "dev",
    "base_model": "None",
    "seed": 42,
    "steps": 25,
    "guidance": 3.5,
    "height": 1024,
    "width": 768,
    "precision": "mlx.core.bfloat16",
    "quantize": 8,
    "generation_time_seconds": 51.2,
    "lora_paths": None,
    "prompt": "a puffin",
}
FOOOCUS = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "juggernautXL_v8",
    "full_prompt": ["a teapot, cinematic"],
    "guidance_scale": 4,
    "negative_prompt": "ugly",
    "performance": "Speed",
    "prompt": "a teapot",
    "resolution": "(1152, 896)",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "7463957331",
    "steps": 30,
    "version": "Fooocus v2.5.5",
}
INVOKE = {
    "generation_mode": "flux_txt2img",
    "positive_prompt": "an owl",
    "negative_prompt": None,
    "width": 1024,
    "height": 1024,
    "seed": 9,
    "steps": 4,
    "model": {"key": "k", "name": "FLUX Schnell", "base": "flux"},
    "app_version": "5.6.0",
}


def in_png(**texts: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def in_jpeg(comment: bytes) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_automatic1111_in_png_and_jpeg() -> None:
    for data in (in_png(parameters=A1111), in_jpeg(b"UNICODE\0" + A1111.encode("utf-16-be"))):
        recipe = read(data)
        assert recipe is not None
        assert (recipe.source, recipe.version, recipe.model) == ("Automatic1111", "v1.10.1", "dreamshaper_8")
        assert recipe.prompt == "a castle on a hill, <lora:mist:0.8>\ngolden hour"
        assert recipe.negative_prompt == "blurry, text"
        assert (recipe.seed, recipe.width, recipe.height) == (3141592653, 768, 1152)
        assert recipe.options == {"steps": 28, "guidance": 6.5, "sampler": "DPM++ 2M", "strength": 0.4}


def test_comfyui_with_the_nodes_of_flux() -> None:
    recipe = read(in_png(prompt=json.dumps(FLUX_GRAPH), workflow=json.dumps({"nodes": []})))
    assert recipe is not None
    assert (recipe.source, recipe.model, recipe.prompt) == ("ComfyUI", "flux1-dev.safetensors", "a fox in the snow")
    assert (recipe.negative_prompt, recipe.seed) == ("", 219670278747233)
    assert (recipe.width, recipe.height) == (1024, 768)
    expected = {"steps": 20, "guidance": 3.5, "sampler": "euler", "scheduler": "simple", "strength": 1.0}
    assert recipe.options == expected


def test_comfyui_with_positive_and_negative_words() -> None:
    recipe = read(in_png(workflow="{}", prompt=json.dumps(CLASSIC_GRAPH)))
    assert recipe is not None
    assert (recipe.model, recipe.prompt, recipe.negative_prompt) == (
        "sd15.safetensors",
        "a glass bottle",
        "text, watermark",
    )
    assert (recipe.seed, recipe.options["guidance"], recipe.width, recipe.height) == (5, 8, 512, 640)


def test_mflux() -> None:
    for data in (in_jpeg(json.dumps(MFLUX).encode()), in_png(Description=json.dumps(MFLUX))):
        recipe = read(data)
        assert recipe is not None
        assert (recipe.source, recipe.version, recipe.model, recipe.prompt) == ("mflux", "0.9.1", "dev", "a puffin")
        assert (recipe.seed, recipe.width, recipe.height) == (42, 768, 1024)
        assert recipe.options == {"steps": 25, "guidance": 3.5, "quantize": 8}


def test_fooocus() -> None:
    recipe = read(in_png(parameters=json.dumps(FOOOCUS), fooocus_scheme="fooocus"))
    assert recipe is not None
    assert (recipe.source, recipe.model, recipe.prompt) == ("Fooocus", "juggernautXL_v8", "a teapot")
    assert (recipe.negative_prompt, recipe.seed) == ("ugly", 7463957331)
    assert (recipe.width, recipe.height, recipe.options["guidance"]) == (1152, 896, 4)


def test_invokeai() -> None:
    recipe = read(in_png(invokeai_metadata=json.dumps(INVOKE)))
    assert recipe is not None
    assert (recipe.source, recipe.model, recipe.prompt, recipe.seed) == ("InvokeAI", "FLUX Schnell", "an owl", 9)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just a comment",
        "Steps:",
        "Steps: ",
        "{}",
        "[1, 2]",
        "{" * 50_000,
        json.dumps({"1": {"class_type": "KSampler", "inputs": {"positive": ["1", 0], "negative": ["1", 0]}}}),
        json.dumps({"1": {"class_type": "KSampler", "inputs": {"positive": [["x"], 0], "seed": True}}}),
        json.dumps({"1": {"class_type": 5, "inputs": []}, "2": None}),
        json.dumps({"mflux_version": None, "prompt": {"a": 1}, "seed": "x" * 100, "model": []}),
        json.dumps({"base_model": {}, "prompt": 1, "performance": [], "resolution": {"a": "1" * 1000}}),
        "Steps: " + "a" * 500_000,
        "Steps: " + "a: " * 200_000,
        "Steps: 1, " + 'x: "' * 100_000,
        "x\n" * 300_000 + "Steps: 9" + "9" * 10_000,
    ],
    ids=lambda text: text[:30],
)
def test_nonsense_raises_nothing(text: str) -> None:
    recipe = read_foreign({"parameters": text, "UserComment": text})
    assert recipe is None or len(recipe.prompt) <= 200_000


def test_words_that_lead_in_a_circle_end() -> None:
    graph = {
        "1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0]}},
        "2": {"class_type": "ConditioningCombine", "inputs": {"conditioning_1": ["2", 0]}},
    }
    recipe = read_foreign({"prompt": json.dumps(graph)})
    assert recipe is not None
    assert recipe.prompt == ""
