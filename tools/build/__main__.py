"""Let `python -m tools.build` run the builder."""

import sys

from .command import main

sys.exit(main())
