"""Screenshots for the docs: few colors, so that a picture of a whole page stays small."""

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

_COLORS = 48
# Of a long page the picture has the beginning.
_HIGHEST = {360: 4200, 1280: 2800}
# The browser reads its own picture: the most frequent colors stay, each other becomes the nearest of them.
_REDUCE = """async ([picture, most]) => {
  const blob = await (await fetch("data:image/png;base64," + picture)).blob();
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const data = context.getImageData(0, 0, bitmap.width, bitmap.height).data, counts = new Map();
  const color = at => (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
  for (let at = 0; at < data.length; at += 4) counts.set(color(at), (counts.get(color(at)) || 0) + 1);
  const colors = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || a - b);
  const kept = colors.slice(0, most), nearest = new Map();
  const far = (a, b) => [16, 8, 0].reduce((sum, by) => sum + ((a >> by & 255) - (b >> by & 255)) ** 2, 0);
  for (const one of colors)
    nearest.set(one, kept.reduce((best, _, at) => far(one, kept[at]) < far(one, kept[best]) ? at : best, 0));
  let text = "";
  for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(nearest.get(color(at)));
  return [bitmap.width, bitmap.height, kept, btoa(text)];
}"""


def keep(page: Any, path: Path) -> None:
    """Write a picture of a page from its top on."""
    painter, screen = page.context.browser.new_page(), page.viewport_size["width"]
    whole = page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": screen, "height": min(whole, _HIGHEST[screen])}
    shot = page.screenshot(full_page=True, clip=clip, animations="disabled")
    picture = base64.b64encode(shot).decode()
    width, height, colors, points = painter.evaluate(_REDUCE, [picture, _COLORS])
    painter.close()
    rows = base64.b64decode(points)
    lines = b"".join(b"\0" + rows[at * width : (at + 1) * width] for at in range(height))
    palette = b"".join(color.to_bytes(3) for color in colors)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, content) for name, content in parts))


def _part(name: bytes, content: bytes) -> bytes:
    checked = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checked
