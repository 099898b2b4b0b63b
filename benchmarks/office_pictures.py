"""The pictures of head office's guide, taken of the product itself: `python -m benchmarks.office_pictures`.

The browser tests of the console drive it through a campaign, a dashboard and the stock of a chain; what they
shoot on the way (`TIDEMARK_SCREENSHOTS`) is made small and written to docs/guides/pictures. Needs Chromium.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
INTO = ROOT / "docs" / "guides" / "pictures"
TESTS = ROOT / "tests" / "server" / "console" / "browser"
SHOTS = {
    "office-campaign": ("test_campaign_pages.py", "campaign-form"),
    "office-sales": ("test_sales_pages.py", "sales"),
    "office-stock": ("test_stock_pages.py", "stock"),
}
LANGUAGES = ("zh", "en")
SIZE = "1366"
WIDTH = 1000
COLOURS = 128
BYTES_MAX = 150_000


def shoot(folder: Path) -> None:
    """Every picture of those tests, in both languages and sizes."""
    files = [str(TESTS / test) for test, _ in SHOTS.values()]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "sqlite", *files]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "TIDEMARK_SCREENSHOTS": str(folder)}, check=True)


def keep(shot: Path, path: Path) -> None:
    """Small: a page of a guide, not a poster."""
    with Image.open(shot) as picture:
        height = round(picture.height * WIDTH / picture.width)
        small = picture.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > BYTES_MAX:
        raise SystemExit(f"{path} is larger than {BYTES_MAX} bytes")


def main() -> None:
    """Shoots all and keeps those of the guide."""
    with tempfile.TemporaryDirectory(prefix="tidemark-pictures-") as folder:
        shoot(Path(folder))
        for name, (_, shot) in SHOTS.items():
            for language in LANGUAGES:
                keep(Path(folder) / f"{shot}-{language}-{SIZE}.png", INTO / f"{name}.{language}.png")


if __name__ == "__main__":
    main()
