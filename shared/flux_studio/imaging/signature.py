"""What a file is, told by its first bytes alone (never by its name or by what somebody declared)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PICTURE_MIMES: Mapping[str, str] = MappingProxyType(
    {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"},
)
"""The types a Picture may have, with Pillow's name of the format."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x00\x0cJXL ", "image/jxl"),
    (b"\xff\x0a", "image/jxl"),
    (b"\x00\x00\x00\x0cjP  ", "image/jp2"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"BM", "image/bmp"),
    (b"%PDF", "application/pdf"),
    (b"%!PS", "application/postscript"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"{", "application/json"),
    (b"[", "application/json"),
)

_BRANDS: Mapping[bytes, str] = {
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "image/heic"),
}
"""Brands of the ISO media container; any other one is taken for a video."""

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "image/jpeg": "a JPEG picture",
        "image/png": "a PNG picture",
        "image/webp": "a WebP picture",
        "image/gif": "a GIF picture",
        "image/tiff": "a TIFF picture",
        "image/jxl": "a JPEG XL picture",
        "image/jp2": "a JPEG 2000 picture",
        "image/avif": "an AVIF picture",
        "image/heic": "a HEIC picture",
        "image/bmp": "a BMP picture",
        "image/x-icon": "an icon",
        "image/vnd.adobe.photoshop": "a Photoshop file",
        "image/svg+xml": "an SVG drawing",
        "text/html": "an HTML page",
        "text/xml": "an XML document",
        "text/plain": "a text",
        "application/json": "a JSON document",
        "application/pdf": "a PDF",
        "application/postscript": "a PostScript file",
        "application/zip": "a ZIP archive",
        "application/gzip": "a gzip archive",
        "video/mp4": "a video",
        "video/webm": "a video",
        "": "an unknown kind of file",
    }
)
"""How each type is called in a sentence."""


def sniff(data: bytes) -> str:
    """Return the mime type of `data`, "" when it is not known."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "video/mp4")
    for start, mime in _STARTS:
        if data.startswith(start):
            return mime
    return _sniff_text(data[:1024])


def _sniff_text(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in text and text.startswith(b"<"):
        return "image/svg+xml"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")) or b"<html" in text:
        return "text/html"
    if text.startswith(b"<?xml"):
        return "text/xml"
    if text.startswith((b"{", b"[")):
        return "application/json"
    printable = bool(text) and all(byte >= 32 or byte in b"\t\r\n" for byte in text)
    return "text/plain" if printable and _is_utf8(text) else ""


def _is_utf8(head: bytes) -> bool:
    """Whether the text could be the start of a UTF-8 document (its last character may be cut)."""
    return "�" not in head[:-3].decode("utf-8", errors="replace")[:-1]
