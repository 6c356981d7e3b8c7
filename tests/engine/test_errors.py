"""What libraries raise becomes a code, a sentence and an advice; details stay in the log."""

from __future__ import annotations

import pytest

from flux_engine.errors import EngineFault, translate


class OutOfMemoryError(RuntimeError):
    """As torch names it."""


class GatedRepoError(OSError):
    """As huggingface_hub names it."""


class LocalEntryNotFoundError(FileNotFoundError):
    """As huggingface_hub names it."""


class SafetensorError(Exception):
    """As safetensors names it."""


@pytest.mark.parametrize(
    ("error", "code", "advice"),
    [
        (OutOfMemoryError("CUDA"), "memory", "--quantize 8"),
        (MemoryError(), "memory", "fewer pictures"),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), "memory", "smaller size"),
        (GatedRepoError("403"), "gated", "HF_TOKEN"),
        (LocalEntryNotFoundError("offline"), "missing", "--download NAME"),
        (FileNotFoundError(2, "No such file"), "missing", "model_index.json"),
        (SafetensorError("header too large"), "missing", "download it again"),
        (ModuleNotFoundError("No module named 'gguf'"), "unsupported", "studio.py engine"),
        (RuntimeError("size mismatch for x: copying a param"), "invalid", "multiples of 16"),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), "invalid", "trained for this model"),
        (KeyError("something else"), "failed", "log says why"),
    ],
)
def test_every_known_error_has_its_code_and_advice(error, code, advice):
    fault = translate(error)
    assert fault.code == code
    assert advice in fault.advice
    assert fault.sentence.endswith(".")


def test_the_detail_never_leaves_the_machine():
    fault = translate(RuntimeError("/home/admin/secret/path: boom"))
    assert "secret" in fault.detail
    assert "secret" not in str(fault.to_json())


def test_a_fault_passes_unchanged():
    fault = EngineFault("invalid", "steps: too many.", field="steps")
    assert translate(fault) is fault
