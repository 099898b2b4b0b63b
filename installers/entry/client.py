"""Entry of the packaged checkout."""

import sys

from pos_client.__main__ import main

sys.exit(main())
