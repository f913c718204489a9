"""The version that Windows shows in a program's properties; used by o365desk.spec on Windows."""

from PyInstaller.utils.win32.versioninfo import (
    FixedFileInfo,
    StringFileInfo,
    StringStruct,
    StringTable,
    VarFileInfo,
    VarStruct,
    VSVersionInfo,
)

AMERICAN_ENGLISH, UNICODE = 0x0409, 1200


def version_resource(version: str) -> VSVersionInfo:
    """The resource for a version such as "1.2.3"."""
    numbers = tuple(int(part) for part in version.split(".")[:3])
    texts = {
        "FileDescription": "o365desk",
        "FileVersion": version,
        "InternalName": "o365desk",
        "LegalCopyright": "MIT License",
        "ProductName": "o365desk",
        "ProductVersion": version,
    }
    table = StringTable(
        f"{AMERICAN_ENGLISH:04x}{UNICODE:04x}", [StringStruct(*one) for one in texts.items()]
    )
    languages = VarFileInfo([VarStruct("Translation", [AMERICAN_ENGLISH, UNICODE])])
    fixed = FixedFileInfo(filevers=(*numbers, 0), prodvers=(*numbers, 0))
    return VSVersionInfo(fixed, [StringFileInfo([table]), languages])
