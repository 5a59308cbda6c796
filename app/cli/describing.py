"""What this version is, for documentation. Needs no settings and no database."""

import json

from pydantic import SecretStr


def openapi() -> None:
    """Print the OpenAPI document. Needs no settings and no database."""
    from app.main import create_app

    print(json.dumps(create_app().openapi(), indent=2, ensure_ascii=False))


def show_settings() -> None:
    """Print the table of all settings in Markdown, without their values."""
    from app.settings import variables

    print("| variable | default | meaning |\n| --- | --- | --- |")
    for name, field in variables():
        default = "required" if field.is_required() else _shown(field.default)
        print(f"| `{name}` | {default} | {field.description} |")


def _shown(default: object) -> str:
    match default:
        case None | () | SecretStr():
            return ""
        case bool():
            return f"`{str(default).lower()}`"
    return f"`{default}`"
