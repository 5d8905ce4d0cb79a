"""The CDK code: one thin stack, one construct per concern.

It reads the functions' own types, so their source root joins the path here, once.
"""

import sys
from pathlib import Path

_FUNCTIONS = str(Path(__file__).resolve().parent.parent / "functions")
if _FUNCTIONS not in sys.path:
    sys.path.insert(0, _FUNCTIONS)
