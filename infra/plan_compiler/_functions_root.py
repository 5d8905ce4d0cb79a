"""Makes `emergency` importable where only the repository's root is, as in `python -m infra.plan_compiler`."""

from __future__ import annotations

import sys
from pathlib import Path

FUNCTIONS_ROOT = Path(__file__).resolve().parents[2] / "functions"

if str(FUNCTIONS_ROOT) not in sys.path:
    sys.path.append(str(FUNCTIONS_ROOT))
