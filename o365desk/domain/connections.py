"""A connection: as whom, in which cloud and through which services the operator works."""

from dataclasses import dataclass
from enum import StrEnum


class Cloud(StrEnum):
    """Microsoft's separate clouds (learn.microsoft.com/graph/deployments), and our own."""

    GLOBAL = "global"
    GCC_HIGH = "gcc-high"
    DOD = "dod"
    CHINA = "china"
    PRACTICE = "practice"
    """The practice directory: the same protocols, inside the program."""


class Mode(StrEnum):
    """Whose users are managed."""

    RESELLER = "reseller"
    """Those of many customers: Partner Center, and Graph where GDAP allows it."""
    DIRECT = "direct"
    """Those of the operator's own organization: Graph."""


class SignInMethod(StrEnum):
    """How the operator proves who he is."""

    BROWSER = "browser"
    DEVICE_CODE = "device code"
    BROKER = "broker"
    """The account that the computer itself is signed in with."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One entry of the Connections page. Holds nothing secret and no person's name."""

    id: str
    """Letters, digits and hyphens; names files and the key in the keyring."""
    name: str
    mode: Mode
    tenant: str
    """The operator's own tenant: its id, or one of its domains."""
    client_id: str
    """Id of the application that is registered for this program."""
    cloud: Cloud = Cloud.GLOBAL
    graph: bool = True
    """Of a reseller: customers' users through Graph as well, where a GDAP relationship allows."""
    write: bool = True
    """False asks Microsoft for reading permissions only."""
    method: SignInMethod = SignInMethod.BROWSER
    managed: bool = False
    """Set by an administrator for everybody on this computer: shown, not changed."""
    sign_in: bool = True
    """False for the practice directory without a sign-in, as the demo opens it."""
