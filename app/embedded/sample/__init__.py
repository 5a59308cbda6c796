"""A shop's database for the demo, the tests and the benchmarks: every kind of object that a restore can get wrong.

The rows depend on nothing but the scale, so every load, on every version of PostgreSQL, has the same. At scale 1 they
take 335 MB on disk; no table holds more than a fifth of the bytes, and an archive is a third to a sixth of them.
"""

from importlib.resources import files


def parts(scale: float = 1) -> list[tuple[str, str]]:
    """Title and SQL of each part, to be executed in this order by a superuser on an empty database in UTF-8."""
    scripts = sorted(
        (file for file in files(__name__).iterdir() if file.name.endswith(".sql")), key=lambda file: file.name
    )
    texts = [script.read_text(encoding="utf-8") for script in scripts]
    if scale != 1:
        texts.insert(0, f"-- Scale\nSET sample.scale = {scale:f}")
    return [(text.partition("\n")[0].removeprefix("-- "), text) for text in texts]
