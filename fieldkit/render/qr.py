"""A link as a square code that a phone's camera reads."""

from __future__ import annotations

from html import escape

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

QUIET = 4  # modules of white around the code, as ISO/IEC 18004 asks


def qr_svg(address: str, described: str) -> str:
    """An address as one <svg> element whose accessible name is `described`; white ground, no style of its own.

    A seventh of the code may be dirty or torn (level M); it holds 2,300 characters, far more than a link has.
    """
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(address)
    code.make()
    size = code.getModuleCount()
    side, runs = size + 2 * QUIET, []
    for row in range(size):
        start = None
        for column in range(size + 1):
            dark = column < size and code.isDark(row, column)
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                runs.append(f"M{start + QUIET} {row + QUIET}h{column - start}v1h-{column - start}z")
                start = None
    ground = f'<path class="ground" d="M0 0h{side}v{side}h-{side}z"/>'
    name = escape(described)
    head = f'<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{name}">'
    return f'{head}{ground}<path d="{"".join(runs)}"/></svg>'
