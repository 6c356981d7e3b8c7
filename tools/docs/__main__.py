"""python -m tools.docs"""

import sys

from .command import main

sys.exit(main())
