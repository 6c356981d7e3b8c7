"""Random FLUX models of a megabyte each, with every part a real one has: what survives them survives the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LATENT_CHANNELS = 16
PACKED = LATENT_CHANNELS * 4
FILL_CHANNELS = 2 * PACKED + 8 * 8 * 4
"""Noise, masked picture and the mask of one patch (VAE factor 8, patches of 2 x 2)."""
WORDS = (
    "a",
    "the",
    "of",
    "on",
    "photo",
    "image",
    "red",
    "green",
    "blue",
    "cat",
    "dog",
    "house",
    "make",
    "turn",
    "into",
)


def make(kind: str, folder: Path) -> Path:
    """Write one model: flux-1, flux-1-fill, flux-1-kontext or flux-2-klein."""
    import diffusers

    makers = {
        "flux-1": lambda: _flux_1(diffusers.FluxPipeline),
        "flux-1-fill": lambda: _flux_1(diffusers.FluxFillPipeline, in_channels=FILL_CHANNELS),
        "flux-1-kontext": lambda: _flux_1(diffusers.FluxKontextPipeline),
        "flux-2-klein": _klein,
    }
    makers[kind]().save_pretrained(folder, safe_serialization=True)
    return folder


def make_lora(model: Path, folder: Path, name: str, *, rank: int = 4, seed: int = 1) -> Path:
    """Write a LoRA whose weights are all non-zero, so that it visibly changes the picture."""
    import torch
    from diffusers import FluxPipeline
    from peft import LoraConfig, get_peft_model_state_dict

    torch.manual_seed(seed)
    pipeline = FluxPipeline.from_pretrained(model, local_files_only=True)
    transformer = pipeline.transformer
    transformer.add_adapter(
        LoraConfig(r=rank, lora_alpha=rank, target_modules=["to_q", "to_k", "to_v", "to_out.0"]), "t"
    )
    for key, parameter in transformer.named_parameters():
        if "lora_" in key:
            torch.nn.init.normal_(parameter, std=0.5)
    layers = {
        key: value.contiguous() for key, value in get_peft_model_state_dict(transformer, adapter_name="t").items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    FluxPipeline.save_lora_weights(folder, transformer_lora_layers=layers, weight_name=f"{name}.safetensors")
    return folder / f"{name}.safetensors"


def _flux_1(pipeline: Any, in_channels: int = PACKED) -> Any:
    import torch
    from diffusers import AutoencoderKL, FluxTransformer2DModel
    from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

    torch.manual_seed(0)
    clip_words, t5_words = _clip_tokenizer(), _t5_tokenizer()
    clip = CLIPTextConfig(
        vocab_size=len(clip_words),
        hidden_size=32,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        projection_dim=32,
        max_position_embeddings=77,
        bos_token_id=clip_words.bos_token_id,
        eos_token_id=clip_words.eos_token_id,
        pad_token_id=clip_words.pad_token_id,
    )
    t5 = T5Config(
        vocab_size=len(t5_words),
        d_model=32,
        d_kv=8,
        d_ff=37,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
        is_encoder_decoder=False,
        use_cache=False,
    )
    vae = AutoencoderKL(
        **_blocks(),
        latent_channels=LATENT_CHANNELS,
        use_quant_conv=False,
        use_post_quant_conv=False,
        scaling_factor=0.3611,
        shift_factor=0.1159,
    )
    transformer = FluxTransformer2DModel(
        patch_size=1,
        in_channels=in_channels,
        out_channels=PACKED,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        guidance_embeds=True,
        axes_dims_rope=(4, 4, 8),
    )
    return pipeline(
        scheduler=_scheduler(),
        vae=vae,
        text_encoder=CLIPTextModel(clip),
        tokenizer=clip_words,
        text_encoder_2=T5EncoderModel(t5),
        tokenizer_2=t5_words,
        transformer=transformer,
    )


def _klein() -> Any:
    import torch
    from diffusers import AutoencoderKLFlux2, Flux2KleinPipeline, Flux2Transformer2DModel
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(0)
    words = _qwen_tokenizer()
    encoder = Qwen3Config(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=28,  # klein reads layers 9, 18 and 27
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
    )
    transformer = Flux2Transformer2DModel(
        patch_size=1,
        in_channels=32,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=48,
        timestep_guidance_channels=32,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    )
    return Flux2KleinPipeline(
        scheduler=_scheduler(),
        vae=AutoencoderKLFlux2(**_blocks(), latent_channels=8),
        text_encoder=Qwen3ForCausalLM(encoder),
        tokenizer=words,
        transformer=transformer,
        is_distilled=True,
    )


def _blocks() -> dict[str, Any]:
    return {
        "in_channels": 3,
        "out_channels": 3,
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
        "block_out_channels": [8, 8, 16, 16],
        "layers_per_block": 1,
        "norm_num_groups": 8,
        "sample_size": 64,
    }


def _scheduler() -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler

    return FlowMatchEulerDiscreteScheduler(
        use_dynamic_shifting=True,
        shift=3.0,
        base_shift=0.5,
        max_shift=1.15,
        base_image_seq_len=256,
        max_image_seq_len=4096,
    )


def _clip_tokenizer() -> Any:
    from tokenizers import pre_tokenizers
    from transformers import CLIPTokenizer

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: place for place, letter in enumerate([*letters, *(f"{letter}</w>" for letter in letters)])}
    merges: list[tuple[str, str]] = []
    for word in WORDS:
        parts = [*word[:-1], f"{word[-1]}</w>"]
        while len(parts) > 1:
            pair = (parts[0], parts[1])
            if pair not in merges:
                merges.append(pair)
            vocabulary.setdefault("".join(pair), len(vocabulary))
            parts = ["".join(pair), *parts[2:]]
    for special in ("<|startoftext|>", "<|endoftext|>"):
        vocabulary[special] = len(vocabulary)
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77)


def _t5_tokenizer() -> Any:
    from transformers import T5TokenizerFast

    rows = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -6.0), *((f"▁{word}", -2.0) for word in WORDS)]
    return T5TokenizerFast(
        vocab=[*rows, *((chr(code), -8.0) for code in range(33, 127))], extra_ids=0, model_max_length=512
    )


def _qwen_tokenizer() -> Any:
    import json

    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import Qwen2TokenizerFast

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=700, min_frequency=1, show_progress=False, initial_alphabet=alphabet, special_tokens=special
    )
    made.train_from_iterator([" ".join(WORDS)] * 3, trainer)
    model = json.loads(made.to_str())["model"]
    merges = [tuple(pair) if not isinstance(pair, str) else tuple(pair.split(" ")) for pair in model["merges"]]
    words = Qwen2TokenizerFast(
        vocab=model["vocab"],
        merges=merges,
        unk_token=special[0],
        eos_token=special[2],
        pad_token=special[0],
        model_max_length=512,
    )
    words.add_special_tokens({"additional_special_tokens": special[1:]})
    words.chat_template = (
        "{%- for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{%- endfor %}"
        "{%- if add_generation_prompt %}<|im_start|>assistant\n<think>\n\n</think>\n\n{%- endif %}"
    )
    return words
