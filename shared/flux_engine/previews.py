"""A small picture of what is being made, out of the latents between two steps."""

from __future__ import annotations

from typing import Any

from .pictures import encode_preview
from .spec import MULTIPLE

LATENT_SIDE = 32
"""Latents are averaged down to this before decoding: a preview costs a few milliseconds instead of a full decode."""


def preview(pipeline: Any, latents: Any, width: int, height: int) -> bytes:
    """Return a JPEG of the first picture; `latents` as the step callback gets them (packed)."""
    import torch

    with torch.no_grad():
        spatial = _unpacked(pipeline, latents[:1], width, height)
        factor = max(1, max(spatial.shape[-2:]) // LATENT_SIDE)
        small = torch.nn.functional.avg_pool2d(spatial.float(), factor).to(spatial.dtype)
        decoded = pipeline.vae.decode(small, return_dict=False)[0]
    return encode_preview(pipeline.image_processor.postprocess(decoded, output_type="pil")[0])


def _unpacked(pipeline: Any, latents: Any, width: int, height: int) -> Any:
    """Latents as the decoder wants them: (1, channels, rows, columns)."""
    vae = pipeline.vae
    if hasattr(vae, "bn"):  # FLUX.2: patches of 2 x 2 that a batch norm has scaled
        rows, columns = height // MULTIPLE, width // MULTIPLE
        grid = latents.view(1, rows, columns, -1).permute(0, 3, 1, 2)
        deviation = (vae.bn.running_var.view(1, -1, 1, 1) + vae.config.batch_norm_eps).sqrt()
        grid = grid * deviation.to(grid) + vae.bn.running_mean.view(1, -1, 1, 1).to(grid)
        return pipeline._unpatchify_latents(grid)
    grid = pipeline._unpack_latents(latents, height, width, pipeline.vae_scale_factor)
    return grid / vae.config.scaling_factor + vae.config.shift_factor
