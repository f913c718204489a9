"""Runs first in a bundle on Linux: gives back the environment that the loader has changed.

The loader points LD_LIBRARY_PATH at the bundle and starts itself anew; from then on the variable is
of no use to this program, and would hand our libraries to the browser that it opens to sign in. See
https://pyinstaller.org/en/stable/runtime-information.html#ld-library-path-libpath-considerations
"""

import os

before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if before is None:
    os.environ.pop("LD_LIBRARY_PATH", None)
else:
    os.environ["LD_LIBRARY_PATH"] = before
