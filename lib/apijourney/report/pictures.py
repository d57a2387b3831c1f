"""Figures a page can carry: the same picture in a third of the bytes.

Unit: one PNG. A figure of lines and letters has few colours; each is given one of 256, chosen for that picture. The
executed notebooks beside the page keep the figures as they were drawn.
"""

import base64
import binascii
import io

from PIL import Image, UnidentifiedImageError

COLOURS = 256
_PNG = "data:image/png;base64,"


def slim(source: str) -> str:
    """Write the `src` of an embedded PNG with fewer bytes; anything else comes back as it was.

    >>> slim("data:image/png;base64,bm8gcGljdHVyZQ==")
    'data:image/png;base64,bm8gcGljdHVyZQ=='
    """
    if not source.startswith(_PNG):
        return source
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(source.removeprefix(_PNG), validate=False)))
        small = _small(picture)
    except (UnidentifiedImageError, binascii.Error, OSError, ValueError):
        return source
    written = _PNG + base64.b64encode(small).decode("ascii") if small else source
    return min(written, source, key=len)


def _small(picture: Image.Image) -> bytes:
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] < 255:
        return b""  # what shines through would be lost
    few = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()
