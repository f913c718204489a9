"""What the program remembers between two starts: a readable file, and nothing secret in it."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from o365desk.app.profile import write_whole
from o365desk.domain.directory import TenantId

MAX_RECENT = 8


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The mail server that sends instead of Graph; the password is in the system's keyring."""

    host: str
    sender: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""


@dataclass(slots=True)
class Settings:
    """Pins, recent tenants, window layout and mail server of one connection."""

    path: Path | None = None
    """File to save to; None keeps everything in memory."""
    pinned: list[TenantId] = field(default_factory=list)
    recent: list[TenantId] = field(default_factory=list)
    layout: dict[str, bytes] = field(default_factory=dict)
    hidden: list[Any] = field(default_factory=list)
    """Findings of the portfolio not to be warned of, as domain.portfolio saves them."""
    retention: dict[str, Any] = field(default_factory=dict)
    """How long snapshots are kept, where that is not as usual: fields of Retention."""
    smtp: SmtpSettings | None = None
    """None: mails go out through Graph, from the operator's own mailbox."""
    csv_mark: bool = True
    """CSV is written with a byte order mark, as Excel wants it."""

    def visited(self, tenant: TenantId) -> None:
        """The operator has opened a tenant."""
        self.recent = [tenant, *(one for one in self.recent if one != tenant)][:MAX_RECENT]

    def save(self) -> None:
        """Writes the file whole or not at all; a disk that refuses is no reason to stop work."""
        if self.path is None:
            return
        content = {
            "pinned": self.pinned,
            "recent": self.recent,
            **({"hidden": self.hidden} if self.hidden else {}),
            **({"retention": self.retention} if self.retention else {}),
            **({"smtp": asdict(self.smtp)} if self.smtp is not None else {}),
            "csv_byte_order_mark": self.csv_mark,
            "layout": {key: base64.b64encode(value).decode() for key, value in self.layout.items()},
        }
        try:
            write_whole(self.path, json.dumps(content, indent=2).encode())
        except OSError:
            return


def load(path: Path) -> Settings:
    """Reads the settings; whatever in the file is not understood is left out."""
    settings = Settings(path=path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return settings
    if not isinstance(content, dict):
        return settings
    settings.pinned = [TenantId(one) for one in _texts(content.get("pinned"))]
    settings.recent = [TenantId(one) for one in _texts(content.get("recent"))][:MAX_RECENT]
    hidden, retention = content.get("hidden"), content.get("retention")
    settings.hidden = hidden if isinstance(hidden, list) else []
    settings.retention = retention if isinstance(retention, dict) else {}
    settings.smtp = _smtp(content.get("smtp"))
    settings.csv_mark = content.get("csv_byte_order_mark") is not False
    layout = content.get("layout")
    if isinstance(layout, dict):
        for key, value in layout.items():
            try:
                settings.layout[str(key)] = base64.b64decode(str(value), validate=True)
            except (binascii.Error, ValueError):
                continue
    return settings


def _smtp(value: Any) -> SmtpSettings | None:
    """Reads the mail server by hand of the operator: all of it fits, or none is used."""
    if not isinstance(value, dict):
        return None
    host, sender, username = (value.get(key, "") for key in ("host", "sender", "username"))
    port, security = value.get("port", 587), value.get("security", "starttls")
    if not all(isinstance(text, str) for text in (host, sender, username)) or not host:
        return None
    if not isinstance(port, int) or security not in ("starttls", "tls", "none"):
        return None
    return SmtpSettings(host, sender, port, security, username)


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
