"""A picture as the black-and-white dots that a receipt's logo is made of."""

from __future__ import annotations

import base64
import io
from typing import Any, BinaryIO

from pos_core.errors import InvalidInput

FILE_BYTES_MAX = 2 * 1024 * 1024
SIDE_MAX = 6000
WIDTH_MAX, HEIGHT_MAX = 384, 240


class BadLogo(InvalidInput):
    """No PNG or JPEG, or too large."""

    code = "receipt_bad_logo"


def logo_of(file: BinaryIO) -> dict[str, Any]:
    """`{"width", "height", "bits"}` of a template, scaled to what 58 mm paper takes. Raises BadLogo."""
    from PIL import Image, UnidentifiedImageError

    data = file.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise BadLogo("too many bytes")
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as picture:
            if max(picture.size) > SIDE_MAX or picture.width * picture.height > SIDE_MAX * SIDE_MAX // 4:
                raise BadLogo("too many dots")
            flat = Image.new("RGBA", picture.size, "white")
            flat.alpha_composite(picture.convert("RGBA"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadLogo("no picture") from None
    flat.thumbnail((WIDTH_MAX, HEIGHT_MAX))
    dots = flat.convert("L").point(lambda value: 255 if value > 128 else 0).convert("1")  # 1 is white here
    bits = bytes(byte ^ 0xFF for byte in dots.tobytes())
    return {"width": dots.width, "height": dots.height, "bits": base64.b64encode(bits).decode()}
